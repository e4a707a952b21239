import Testing

@testable import ShaleFunctions

/// Who starts, and who waits for whom.
@Suite struct StartQueueTests {
    @Test func `so many start at a time, and each end lets one more`() {
        var queue = StartQueue<Int>(limit: 2)
        let begun = [queue.begin(), queue.begin(), queue.begin()]
        #expect(begun == [true, true, false])
        queue.wait(3, for: "f")
        queue.wait(4, for: "f")
        let next = [queue.end(), queue.end()]
        #expect(next == [3, 4])
        #expect(queue.starting == 2)
        let last = [queue.end(), queue.end()]
        #expect(last == [nil, nil])
        #expect(queue.starting == 0)
        let begunAgain = queue.begin()
        #expect(begunAgain)
    }

    @Test func `functions take turns, and each keeps the order in which they came`() {
        var queue = StartQueue<String>(limit: 1)
        _ = queue.begin()
        for waiter in ["bad 1", "bad 2", "bad 3"] { queue.wait(waiter, for: "bad") }
        queue.wait("good 1", for: "good")
        queue.wait("other 1", for: "other")
        queue.wait("good 2", for: "good")
        #expect(queue.waitingCount == 6)
        let order = (0..<7).map { _ in queue.end() }
        #expect(
            order == ["bad 1", "good 1", "other 1", "bad 2", "good 2", "bad 3", nil]
        )
    }

    @Test func `who waits for an environment gets one that is given back, and needs no start`() {
        var queue = StartQueue<Int>(limit: 1)
        _ = queue.begin()
        queue.wait(1, for: "f")
        queue.wait(2, for: "g")
        queue.wait(3, for: "f")
        let given = [queue.takeWaiter(for: "h"), queue.takeWaiter(for: "f")]
        #expect(given == [nil, 1])
        let third = queue.end()
        #expect(third == 3)
        let rest = [queue.takeWaiter(for: "f"), queue.end(), queue.end()]
        #expect(rest == [nil, 2, nil])
    }
}
