import ShaleBytes
import Testing

/// Values in objects of their own.
@Suite struct BoxedTests {
    private struct Large: Equatable {
        var first = "one"
        var second = 2
        var third: [Int]? = [3]
    }

    @Test func `a box takes one word, whatever is in it`() {
        #expect(MemoryLayout<Boxed<Large>>.size == MemoryLayout<Int>.size)
    }

    @Test func `a copy that is changed leaves the other as it was`() {
        let box = Boxed(Large())
        var other = box
        other.value.second = 3
        #expect(box.value.second == 2)
        #expect(other.value.second == 3)
        #expect(box != other)
        #expect(box == Boxed(Large()))
    }
}
