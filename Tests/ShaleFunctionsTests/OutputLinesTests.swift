import Testing

import ShaleFunctions

/// Bytes in any pieces become the same lines.
@Suite struct OutputLinesTests {
    @Test(arguments: [1, 2, 3, 100])
    func `lines come out whole, in whatever pieces they come`(size: Int) {
        let bytes = Array("one\n\nthree\nlast".utf8)
        var lines = OutputLines(limit: 10)
        var told: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines.append(Array(bytes[start..<min(bytes.count, start + size)])) { told.append($0) }
        }
        #expect(told == ["one", "", "three"])
        lines.finish { told.append($0) }
        lines.finish { told.append($0) }
        #expect(told == ["one", "", "three", "last"])
    }

    @Test(arguments: [1, 3, 4, 100])
    func `a long line comes in pieces, and one that just fits in one`(size: Int) {
        let bytes = Array("1234\n123456789\n".utf8)
        var lines = OutputLines(limit: 4)
        var told: [String] = []
        for start in stride(from: 0, to: bytes.count, by: size) {
            lines.append(Array(bytes[start..<min(bytes.count, start + size)])) { told.append($0) }
        }
        #expect(told == ["1234", "1234", "5678", "9"])
    }

    @Test func `of many lines the last are kept, of a long one its end`() {
        var tail = LineTail(limit: 8)
        for line in ["one", "two", "six"] { tail.append(line) }
        #expect(tail.take() == ["two", "six"])
        #expect(tail.take().isEmpty)
        tail.append("123456789")
        #expect(tail.take() == ["23456789"])
    }
}
