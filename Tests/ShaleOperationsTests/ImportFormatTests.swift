import ShaleItems
import ShaleTables
import Testing

@testable import ShaleOperations

/// Records of imports: where they end, and what items they are.
struct ImportFormatTests {
    private func records(_ text: String, piece: Int, quotes: Bool) -> [String] {
        var splitter = RecordSplitter(delimiter: quotes ? UInt8(ascii: ",") : nil)
        var records: [RecordSplitter.Record] = []
        let bytes = Array(text.utf8)
        for start in stride(from: 0, to: bytes.count, by: piece) {
            records += splitter.add(bytes[start..<min(bytes.count, start + piece)])
        }
        if let last = splitter.finish() { records.append(last) }
        return records.map { record in
            if case .whole(let bytes) = record {
                String(decoding: bytes, as: UTF8.self)
            } else {
                "…"
            }
        }
    }

    @Test(arguments: [1, 2, 3, 100])
    func `lines end at line ends, but for those between quotes`(piece: Int) {
        #expect(records("a\r\nb\n\n  \nc", piece: piece, quotes: false) == ["a", "b", "c"])
        let quoted = "a,\"x\ny\"\nb,\"q\"\"\n\"\"\"\n"
        #expect(
            records(quoted, piece: piece, quotes: true) == ["a,\"x\ny\"", "b,\"q\"\"\n\"\"\""]
        )
    }

    @Test(arguments: [1, 2, 3, 100])
    func `a quote inside of a field is a letter, and joins no lines`(piece: Int) {
        let lines = "a,5\" disk\nb,6\nc,\"7\"\"\"\n\"d\"\"\n\",8\n"
        #expect(
            records(lines, piece: piece, quotes: true)
                == ["a,5\" disk", "b,6", "c,\"7\"\"\"", "\"d\"\"\n\",8"]
        )
        #expect(CSVOptions().fields(Array("a,5\" disk".utf8)) == ["a", "5\" disk"])
    }

    @Test(arguments: [1, 2, 3, 100])
    func `a mark of byte order before the first record is none of its letters`(piece: Int) {
        let marked = records("\u{FEFF}a,b\n\u{FEFF}c", piece: piece, quotes: true)
        #expect(marked == ["a,b", "\u{FEFF}c"])
        let quoted = records("\u{FEFF}\"a\nb\",c\nd\n", piece: piece, quotes: true)
        #expect(quoted == ["\"a\nb\",c", "d"])
        #expect(records("\u{FEFF}{}\n", piece: piece, quotes: false) == ["{}"])
    }

    @Test(arguments: [
        ("a,b,c", ["a", "b", "c"] as [String]?),
        ("", [""]),
        (",", ["", ""]),
        ("\"a,b\",c", ["a,b", "c"]),
        ("\"a\"\"b\"", ["a\"b"]),
        ("\"open", nil),
    ])
    func `fields stand between delimiters`(record: String, fields: [String]?) {
        #expect(CSVOptions().fields(Array(record.utf8)) == fields)
    }

    @Test func `key attributes have their types, others are texts`() throws {
        let definitions: [AttributeDefinition] = [.number("n"), .binary("b")]
        let item = try CSVOptions.item(["1.50", "AQI=", "7"], ["n", "b", "t"], definitions)
        #expect(item == ["n": .number(try Number("1.5")), "b": .binary([1, 2]), "t": "7"])
        for fields in [["x", "AQI=", "7"], ["1", "?", "7"], ["1", "AQI="]] {
            #expect(throws: (any Error).self) {
                try CSVOptions.item(fields, ["n", "b", "t"], definitions)
            }
        }
    }

    @Test func `a record over the limit is told as such, and the next is read`() {
        var splitter = RecordSplitter(delimiter: nil)
        let piece = [UInt8](repeating: 0x61, count: RecordSplitter.recordLimitBytes / 2 + 1)
        _ = splitter.add(piece[...])
        let records = splitter.add((piece + Array("\nnext\n".utf8))[...])
        #expect(records.count == 2)
        guard case .tooLong = records.first else { return #expect(Bool(false)) }
    }
}
