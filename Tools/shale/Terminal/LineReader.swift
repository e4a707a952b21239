import Foundation

/// Lines of a file or of standard input, without reading all of it.
struct LineReader {
    private static let chunkSizeBytes = 1 << 18

    private let handle: FileHandle
    private var buffer: [UInt8] = []
    private var start = 0
    private var atEnd = false

    /// Bytes handed out so far, line ends included.
    private(set) var consumedBytes = 0

    init(_ handle: FileHandle) { self.handle = handle }

    /// The next line without its end, or nil behind the last one.
    mutating func next() throws -> [UInt8]? {
        var searched = start
        while true {
            if let end = buffer[searched...].firstIndex(of: UInt8(ascii: "\n")) {
                let line = Array(buffer[start..<end])
                consumedBytes += end + 1 - start
                start = end + 1
                return line
            }
            guard !atEnd else {
                guard start < buffer.count else { return nil }
                let line = Array(buffer[start...])
                consumedBytes += line.count
                start = buffer.count
                return line
            }
            buffer.removeFirst(start)
            start = 0
            searched = buffer.count
            let chunk = try handle.read(upToCount: Self.chunkSizeBytes) ?? Data()
            atEnd = chunk.isEmpty
            buffer.append(contentsOf: chunk)
        }
    }
}
