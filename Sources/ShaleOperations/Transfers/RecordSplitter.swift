/// Cuts the bytes of an object into records: lines, without their ends.
///
/// In files of fields a line's end between quotes belongs to the record. A record over the limit is told as such, and what
/// follows its end is read on.
struct RecordSplitter {
    /// More than any item takes in any form.
    static let recordLimitBytes = 16 * 1024 * 1024

    private let honoursQuotes: Bool
    private var record: [UInt8] = []
    private var isQuoted = false
    private var isTooLong = false

    /// What is cut off.
    enum Record: Sendable {
        case whole([UInt8])
        case tooLong
    }

    init(honoursQuotes: Bool) { self.honoursQuotes = honoursQuotes }

    /// Takes what comes next; gives the records that end in it.
    mutating func add(_ bytes: ArraySlice<UInt8>) -> [Record] {
        var records: [Record] = []
        var start = bytes.startIndex
        for index in bytes.indices {
            switch bytes[index] {
            case UInt8(ascii: "\"") where honoursQuotes: isQuoted.toggle()
            case UInt8(ascii: "\n") where !isQuoted:
                append(bytes[start..<index])
                start = index + 1
                if let record = take() { records.append(record) }
            default: continue
            }
        }
        append(bytes[start...])
        return records
    }

    /// The object ends: what is left is a record as well.
    mutating func finish() -> Record? {
        isQuoted = false
        return take()
    }

    private mutating func append(_ bytes: ArraySlice<UInt8>) {
        guard record.count + bytes.count <= Self.recordLimitBytes else {
            isTooLong = true
            return
        }
        if !isTooLong { record.append(contentsOf: bytes) }
    }

    /// Lines of white space are none.
    private mutating func take() -> Record? {
        defer {
            record = []
            isTooLong = false
        }
        if isTooLong { return .tooLong }
        if record.last == UInt8(ascii: "\r") { record.removeLast() }
        return record.contains { $0 > UInt8(ascii: " ") } ? .whole(record) : nil
    }
}
