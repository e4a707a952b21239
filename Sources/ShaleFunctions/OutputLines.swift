/// What a function writes, as lines: bytes in any pieces go in, whole lines come out.
///
/// A line that is longer than the limit comes out in pieces, so that at most one line is held. Bytes that are no
/// UTF-8 become replacement characters.
package struct OutputLines {
    private var held: [UInt8] = []
    private let limit: Int

    /// Lines of at most so many bytes.
    package init(limit: Int) { self.limit = limit }

    /// Takes bytes, and tells the lines that they end.
    package mutating func append(_ bytes: [UInt8], _ tell: (String) -> Void) {
        var start = bytes.startIndex
        while start < bytes.endIndex {
            let rest = bytes[start...]
            let end = rest.firstIndex(of: 0x0A) ?? bytes.endIndex
            let room = limit - held.count
            let piece = bytes[start..<min(end, start + room)]
            held += piece
            start = piece.endIndex
            if start == end, end < bytes.endIndex {
                start += 1
                flush(tell)
            } else if held.count == limit, start < bytes.endIndex, bytes[start] != 0x0A {
                flush(tell)
            }
        }
    }

    /// Tells what has no end yet, as a line.
    package mutating func finish(_ tell: (String) -> Void) {
        if !held.isEmpty { flush(tell) }
    }

    private mutating func flush(_ tell: (String) -> Void) {
        tell(String(decoding: held, as: UTF8.self))
        held.removeAll(keepingCapacity: held.count < 4_096)
    }
}

/// The last lines of an output, of at most so many bytes together.
package struct LineTail {
    package private(set) var lines: [String] = []
    private var bytes = 0
    private let limit: Int

    /// Keeps so many bytes.
    package init(limit: Int) { self.limit = limit }

    /// Takes a line, and lets go of the oldest.
    ///
    /// Of a line that is longer than the limit its end is kept.
    package mutating func append(_ line: String) {
        let line =
            line.utf8.count <= limit
            ? line : String(decoding: line.utf8.suffix(limit), as: UTF8.self)
        lines.append(line)
        bytes += line.utf8.count + 1
        var gone = 0
        while bytes > limit, gone < lines.count - 1 {
            bytes -= lines[gone].utf8.count + 1
            gone += 1
        }
        lines.removeFirst(gone)
    }

    /// Gives the lines away.
    package mutating func take() -> [String] {
        defer {
            lines = []
            bytes = 0
        }
        return lines
    }
}
