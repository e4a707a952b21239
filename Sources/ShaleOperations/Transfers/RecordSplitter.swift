/// Cuts the bytes of an object into records: lines, without their ends.
///
/// In files of fields a line's end between quotes belongs to the record; as in `CSVOptions.fields`, a quote opens where a field
/// begins, and anywhere else it is a letter. A mark of byte order at the beginning of an object is passed over. A record over the limit is told as such, and what
/// follows its end is read on.
struct RecordSplitter {
    /// More than any item takes in any form.
    static let recordLimitBytes = 16 * 1024 * 1024

    private static let byteOrderMark: [UInt8] = [0xEF, 0xBB, 0xBF]

    /// What stands between fields; nil where there are none.
    private let delimiter: UInt8?
    private var record: [UInt8] = []
    private var isQuoted = false
    /// Whether nothing of a field has come yet.
    private var isAtField = true
    /// Whether the byte before was the quote that closed.
    private var hasClosed = false
    private var isTooLong = false
    private var isFirst = true

    /// What is cut off.
    enum Record: Sendable {
        case whole([UInt8])
        case tooLong
    }

    /// Cuts lines; of fields, if there is a delimiter.
    init(delimiter: UInt8?) { self.delimiter = delimiter }

    /// Takes what comes next; gives the records that end in it.
    mutating func add(_ bytes: ArraySlice<UInt8>) -> [Record] {
        var records: [Record] = []
        var start = bytes.startIndex
        for index in bytes.indices {
            guard bytes[index] == UInt8(ascii: "\n"), !isQuoted else {
                if delimiter != nil { follow(bytes[index], index - start + record.count) }
                continue
            }
            append(bytes[start..<index])
            start = index + 1
            if let record = take() { records.append(record) }
        }
        append(bytes[start...])
        return records
    }

    /// The object ends: what is left is a record as well.
    mutating func finish() -> Record? {
        isQuoted = false
        return take()
    }

    /// A byte of a record of fields, at a place in it.
    private mutating func follow(_ byte: UInt8, _ place: Int) {
        if byte == UInt8(ascii: "\"") {
            // Between quotes two stand for one: the second opens again.
            let closes = isQuoted
            if isQuoted || isAtField || hasClosed { isQuoted.toggle() }
            isAtField = false
            hasClosed = closes
            return
        }
        hasClosed = false
        let isMark = isFirst && place < 3 && byte == Self.byteOrderMark[place]
        if !isQuoted, !isMark { isAtField = byte == delimiter }
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
            isFirst = false
            isAtField = true
            hasClosed = false
        }
        if isTooLong { return .tooLong }
        if isFirst, record.starts(with: Self.byteOrderMark) { record.removeFirst(3) }
        if record.last == UInt8(ascii: "\r") { record.removeLast() }
        return record.contains { $0 > UInt8(ascii: " ") } ? .whole(record) : nil
    }
}
