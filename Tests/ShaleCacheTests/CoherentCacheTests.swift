import ShaleBytes
import Testing

@testable import ShaleCache

/// A value with the number of the write that made it.
private final class Numbered: CacheEntry, @unchecked Sendable {
    let number: UInt64

    init(_ key: [UInt8], _ number: UInt64, space: UInt64 = 1, bytes: Int = 0, end: UInt64 = .max) {
        self.number = number
        super.init(
            space: space,
            key: key,
            hash: key.withLentBytes { CoherentCache.hash(space, $0) },
            valueBytes: bytes,
            endTick: end
        )
    }
}

extension CoherentCache {
    fileprivate func number(of key: [UInt8], in space: UInt64 = 1, at tick: UInt64 = 0) -> UInt64? {
        key.withLentBytes { lent in
            let slot = slots.enter()
            defer { slots.leave(slot) }
            let found = find(space, lent, hash: Self.hash(space, lent), at: tick)
            return found?.with { ($0 as? Numbered)?.number }
        }
    }

    fileprivate func write(_ key: [UInt8], from position: UInt64, in space: UInt64 = 1) {
        key.withLentBytes { invalidate(space, $0, from: position) }
    }
}

/// What is found is never older than what was seen.
struct CoherentCacheTests {
    @Test(
        arguments: [
            // Read at, written from (seen from this position on), whether it comes in.
            (10, nil, true),
            (10, 9, true),
            (10, 10, true),
            (10, 11, false),
        ] as [(UInt64, UInt64?, Bool)]
    )
    func `what was read before a write stays out`(read: UInt64, write: UInt64?, comesIn: Bool) {
        let cache = CoherentCache(capacityBytes: 1 << 20)
        if let write { cache.write([1], from: write) }
        cache.insert(Numbered([1], 5), readAt: read)
        #expect(cache.number(of: [1]) == (comesIn ? 5 : nil))
        #expect(cache.statistics.refusedStale == (comesIn ? 0 : 1))
    }

    @Test
    func `a write takes the entry of its key out, and no other`() {
        let cache = CoherentCache(capacityBytes: 1 << 20)
        for key in 1...3 as ClosedRange<UInt8> { cache.insert(Numbered([key], 1), readAt: 1) }
        cache.insert(Numbered([1], 7, space: 2), readAt: 1)
        cache.write([1], from: 4)
        #expect((1...3).map { cache.number(of: [$0]) } == [nil, 1, 1])
        #expect(cache.number(of: [1], in: 2) == 7)
        cache.insert(Numbered([1], 2), readAt: 4)
        #expect(cache.number(of: [1]) == 2)
    }

    @Test
    func `an older write that is told later lowers nothing`() {
        let cache = CoherentCache(capacityBytes: 1 << 20)
        cache.write([1], from: 9)
        cache.write([1], from: 4)
        cache.insert(Numbered([1], 1), readAt: 5)
        #expect(cache.number(of: [1]) == nil)
    }

    @Test
    func `an entry is there until its time is over`() {
        let cache = CoherentCache(capacityBytes: 1 << 20)
        cache.insert(Numbered([1], 1, end: 100), readAt: 1)
        #expect(cache.number(of: [1], at: 99) == 1)
        #expect(cache.number(of: [1], at: 100) == nil)
        cache.insert(Numbered([1], 2, end: 200), readAt: 1)
        #expect(cache.number(of: [1], at: 100) == 2)
    }

    @Test
    func `a space that is forgotten is empty, and others are not`() {
        let cache = CoherentCache(capacityBytes: 1 << 20)
        for key in 0..<50 as Range<UInt8> {
            cache.insert(Numbered([key], 1, space: UInt64(key % 2)), readAt: 1)
        }
        cache.removeAll(of: 0)
        #expect(cache.statistics.entryCount == 25)
        #expect(cache.number(of: [2], in: 0) == nil)
        #expect(cache.number(of: [3], in: 1) == 1)
    }

    @Test(arguments: [0, 1_000, 100_000, 64 << 20])
    func `no more is held than is allowed`(capacity: Int) {
        let cache = CoherentCache(capacityBytes: capacity)
        for number in 0..<2_000 {
            let key = [UInt8(number & 255), UInt8(number >> 8)]
            cache.insert(Numbered(key, 1, bytes: number % 700), readAt: 1)
        }
        let statistics = cache.statistics
        #expect(statistics.bytes <= capacity)
        #expect(statistics.bytes == cache.bytes)
        #expect((statistics.entryCount > 0) == (capacity > 0))
        cache.setCapacity(capacity / 2)
        #expect(cache.statistics.bytes <= capacity / 2)
    }

    @Test
    func `what would push out a large part is not kept`() {
        let cache = CoherentCache(capacityBytes: 1 << 20)
        cache.insert(Numbered([1], 1, bytes: 400_000), readAt: 1)
        #expect(cache.number(of: [1]) == nil)
        #expect(cache.statistics.refusedRare == 1)
    }

    @Test
    func `what was asked for once does not push out what is asked for again and again`() {
        let entry = CacheEntry.overheadBytes + 4
        let cache = CoherentCache(capacityBytes: 100 * entry)
        func use(_ number: UInt32) -> Bool {
            let key = (0..<4).map { UInt8(truncatingIfNeeded: number >> (8 * $0)) }
            if cache.number(of: key) != nil { return true }
            cache.insert(Numbered(key, 1), readAt: 1)
            return false
        }
        for _ in 0..<6 { for number in 0..<80 as Range<UInt32> { _ = use(number) } }
        for number in 1_000..<1_900 as Range<UInt32> { _ = use(number) }
        let kept = (0..<80 as Range<UInt32>).count { use($0) }
        #expect(kept >= 70, "\(kept) of 80 are there after a scan")
    }

    /// The engine in little: one value, whose write is seen from its number on.
    @Test(arguments: [1, 3])
    func `threads never find what is older than they have seen`(readers: Int) async {
        let cache = CoherentCache(capacityBytes: 1 << 16)
        let visible = VisiblePosition()
        let keys: [[UInt8]] = (0..<4).map { [$0] }
        let wrong = await withTaskGroup(of: Int.self) { group in
            group.addTask {
                var position: UInt64 = 0
                // Until readers have had their share, on a machine that has other things to do as well.
                while position < 20_000 || visible.reads < 5_000 {
                    position += 1
                    if position % 64 == 0 { await Task.yield() }
                    // All keys are written at once, as a batch is.
                    for key in keys { cache.write(key, from: position) }
                    visible.raise(to: position)
                }
                visible.end()
                return 0
            }
            for reader in 0..<readers {
                group.addTask {
                    var wrong = 0
                    var turn = reader
                    while !visible.isOver {
                        turn &+= 1
                        if turn % 64 == 0 { await Task.yield() }
                        let key = keys[turn & 3]
                        let seen = visible.value
                        visible.noteRead()
                        if let number = cache.number(of: key) {
                            if number < seen { wrong += 1 }
                        } else {
                            let position = visible.value
                            cache.insert(Numbered(key, position), readAt: position)
                        }
                    }
                    return wrong
                }
            }
            return await group.reduce(0, +)
        }
        #expect(wrong == 0)
        #expect(cache.statistics.invalidations > 0)
    }
}
