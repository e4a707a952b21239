import ShaleBytes
import Testing

@testable import ShaleEngine

@Suite struct KeyOrderTests {
    private func pair(_ generator: inout SeededGenerator) -> ([UInt8], [UInt8]) {
        let shared = generator.bytes(Int.random(in: 0...20, using: &generator))
        let left = generator.bytes(Int.random(in: 0...10, using: &generator))
        let right = generator.bytes(Int.random(in: 0...10, using: &generator))
        return (shared + left.map { $0 & 3 }, shared + right.map { $0 & 3 })
    }

    @Test func `keys compare like their bytes`() {
        var generator = SeededGenerator(seed: 1)
        for _ in 0..<20_000 {
            let (left, right) = pair(&generator)
            #expect(
                KeyOrder.isAscending(left, right) == left.lexicographicallyPrecedes(right)
            )
            #expect((KeyOrder.compare(left, right) == 0) == (left == right))
            let shared = zip(left, right).prefix { $0 == $1 }.count
            #expect(unsafe KeyOrder.commonPrefix(left.span.bytes, right.span.bytes) == shared)
        }
    }

    @Test func `a separator lies between and is not longer`() {
        var generator = SeededGenerator(seed: 2)
        for _ in 0..<20_000 {
            let (one, other) = pair(&generator)
            guard one != other else { continue }
            let (last, next) = KeyOrder.isAscending(one, other) ? (one, other) : (other, one)
            let separator = KeyOrder.separator(after: last, before: next)
            #expect(!KeyOrder.isAscending(separator, last))
            #expect(KeyOrder.isAscending(separator, next))
            #expect(separator.count <= max(last.count, next.count))
        }
    }

    @Test(arguments: [
        ("abc", "abd", "abc"), ("abc", "abf", "abd"), ("abc", "abdx", "abd"), ("ab", "abc", "ab"),
        ("", "a", ""), ("", "ab", "a"), ("azzz", "b", "azzz"), ("azzz", "c", "b"),
    ])
    func `a separator is short`(last: String, next: String, separator: String) {
        let found = KeyOrder.separator(after: Array(last.utf8), before: Array(next.utf8))
        #expect(found == Array(separator.utf8))
    }
}

@Suite struct FileNumberTests {
    @Test(arguments: [(0, "000000.run"), (12, "000012.run"), (1_234_567, "1234567.run")])
    func `a number and its name are one`(number: UInt64, name: String) {
        #expect(FileNumber(number).fileName("run") == name)
        #expect(FileNumber(name: name, suffix: "run") == FileNumber(number))
    }

    @Test(arguments: [
        "", ".run", "12.run", "000012.log", "0000012.run", "00001x.run", "000012.run.tmp",
        "99999999999999999999.run", "+00012.run", "000012run",
    ])
    func `no other name is a number's`(name: String) {
        #expect(FileNumber(name: name, suffix: "run") == nil)
    }
}
