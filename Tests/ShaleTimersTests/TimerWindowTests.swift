import ShaleItems
@testable import ShaleTimers
import Testing

/// The window alone: what it holds, what it leaves to the disk, what it reads.
@Suite struct TimerWindowTests {
    private static func timer(_ due: Int64, _ id: String = "a") -> Timer {
        Timer(Timer.Name(owner: "o", due: due, id: id))
    }

    /// A window that has read these, all or with more behind.
    private static func window(
        _ dues: [Int64],
        upTo next: Int64? = nil,
        limit: Int = 4
    ) -> TimerWindow {
        var window = TimerWindow(limit: limit)
        _ = window.beginReading()
        window.read(dues.map { timer($0) }, upTo: next.map { timer($0).name })
        return window
    }

    private static func dues(_ timers: [Timer]) -> [Int64] { timers.map(\.name.due) }

    @Test(
        arguments: [
            ([3, 1, 2], 10, [1, 2, 3]),
            ([3, 1, 2], 2, [1, 2]),
            ([3, 1, 2], 0, []),
            ([5, 5, 5], 5, [5]),
            ([], 9, []),
        ] as [([Int64], Int64, [Int64])]
    )
    func `those whose time has come are taken in its order`(
        set: [Int64],
        now: Int64,
        taken: [Int64]
    ) {
        var window = Self.window([])
        for due in set { window.set(Self.timer(due)) }
        #expect(Self.dues(window.take(at: now, most: .max)) == taken)
    }

    @Test func `of those due at one time the ids tell the order`() {
        var window = Self.window([])
        for id in ["b", "a", "c"] { window.set(Self.timer(1, id)) }
        #expect(window.take(at: 1, most: .max).map(\.name.id) == ["a", "b", "c"])
    }

    @Test func `what is behind the horizon stays on the disk`() {
        var window = Self.window([1, 2], upTo: 3)
        window.set(Self.timer(5))
        window.set(Self.timer(0))
        #expect(Self.dues(window.take(at: 9, most: .max)) == [0, 1, 2])
        #expect(window.needsReading)
        #expect(window.beginReading() == Self.timer(3).name.place)
        window.read([Self.timer(3), Self.timer(5)], upTo: nil)
        #expect(Self.dues(window.take(at: 9, most: .max)) == [3, 5])
        #expect(!window.needsReading)
    }

    @Test func `with too many in memory the latest are left to the disk, and read again`() {
        var window = Self.window([], limit: 4)
        for due in (1...9 as ClosedRange<Int64>).reversed() { window.set(Self.timer(due)) }
        #expect(window.count == 4)
        #expect(window.horizon == .at(Self.timer(5).name))
        #expect(Self.dues(window.take(at: 9, most: .max)) == [1, 2, 3, 4])
        #expect(window.beginReading() == Self.timer(5).name.place)
    }

    @Test func `what is set or cancelled while the disk is read counts`() {
        var window = Self.window([], upTo: 1)
        _ = window.beginReading()
        window.set(Self.timer(4))
        window.set(Self.timer(20))
        window.cancel(Self.timer(2).name)
        window.read([1, 2, 3].map { Self.timer($0) }, upTo: Self.timer(9).name)
        #expect(Self.dues(window.take(at: 99, most: .max)) == [1, 3, 4])
    }

    @Test func `what was read before the horizon came nearer is forgotten`() {
        var window = Self.window([111, 112], upTo: 120, limit: 8)
        _ = window.beginReading()
        for due in 1...15 as ClosedRange<Int64> { window.set(Self.timer(due)) }
        window.read([Self.timer(120)], upTo: nil)
        #expect(window.horizon == .at(Self.timer(9).name))
        #expect(Self.dues(window.take(at: 199, most: .max)) == Array(1...8))
    }

    @Test func `one that its owner is told of is not taken from the disk again`() {
        var window = Self.window([5], limit: 4)
        #expect(Self.dues(window.take(at: 5, most: .max)) == [5])
        // So many earlier ones that the horizon comes in front of the one that was told.
        for id in 0..<9 { window.set(Self.timer(1, "\(id)")) }
        _ = window.take(at: 1, most: .max)
        _ = window.beginReading()
        window.settle(Self.timer(5).name)
        window.read([Self.timer(5)], upTo: nil)
        #expect(window.next == nil)
    }

    @Test func `one that is to be told again waits, and is neither read nor left to the disk`() {
        var window = Self.window([1, 2], limit: 4)
        let first = window.take(at: 1, most: 1)[0]
        window.delay(first, until: 7)
        #expect(window.next == 2)
        for due in 10...20 as ClosedRange<Int64> { window.set(Self.timer(due)) }
        #expect(Self.dues(window.take(at: 7, most: .max)) == [2, 1])
        window.delay(first, until: 9)
        window.cancel(first.name)
        #expect(window.take(at: 9, most: .max).isEmpty)
    }
}
