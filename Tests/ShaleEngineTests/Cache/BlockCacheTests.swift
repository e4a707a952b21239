import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

@Suite struct BlockCacheTests {
    private func frame(_ key: BlockCache.Key, _ size: Int = 1000) throws -> Frame {
        var builder = DataBlockBuilder(targetSize: size)
        let value = [UInt8](repeating: 1, count: size)
        [UInt8](arrayLiteral: 1).withLentBytes { bytes in
            value.withLentBytes {
                builder.append(key: bytes, tag: 0, value: $0, kind: .value)
            }
        }
        let body = builder.finish().copied()
        return try unsafe Frame(checking: body.span.bytes, as: .data, key: key.rawValue)
    }

    private func key(_ offset: Int, file: UInt64 = 1) throws -> BlockCache.Key {
        try #require(BlockCache.Key(FileNumber(file), UInt64(offset)))
    }

    /// Looks for a block, and puts it in where it is not.
    private func read(_ cache: BlockCache, _ offsets: Range<Int>, file: UInt64 = 1) throws {
        for offset in offsets {
            let key = try key(offset, file: file)
            if cache.find(key) == nil { cache.insert(try frame(key)) }
        }
    }

    @Test func `a block that was put in is found`() throws {
        let cache = BlockCache(capacityBytes: 1 << 20)
        let frame = try frame(key(1))
        #expect(try cache.find(key(1)) == nil)
        cache.insert(frame)
        #expect(try cache.find(key(1))?.body.copied() == frame.body.copied())
        #expect(try cache.find(key(1, file: 2)) == nil)
        #expect(cache.statistics.hits == 1)
        #expect(cache.statistics.misses == 2)
        #expect(cache.statistics.bytes == frame.chargeBytes)
    }

    @Test func `of two inserts of one block the first stays`() throws {
        let cache = BlockCache(capacityBytes: 1 << 20)
        cache.insert(try frame(key(1), 500))
        #expect(cache.insert(try frame(key(1), 600)).bytes.count < 600)
        #expect(cache.statistics.blockCount == 1)
    }

    @Test func `a place that a key cannot name is not cached`() {
        #expect(BlockCache.Key(FileNumber(1 << 32), 0) == nil)
        #expect(BlockCache.Key(FileNumber(1), 1 << 32) == nil)
        #expect(BlockCache.Key(FileNumber((1 << 32) - 1), (1 << 32) - 1) != nil)
    }

    @Test func `a block that was evicted stays for readers that may have found it`() throws {
        let cache = BlockCache(capacityBytes: 1 << 18)
        let slot = cache.slots.enter()
        cache.insert(try frame(key(1)))
        let found = try #require(try cache.find(key(1)))
        let before = found.body.copied()
        cache.removeAll(of: FileNumber(1))
        for offset in 100..<400 { cache.insert(try frame(key(offset))) }
        #expect(found.body.copied() == before)
        #expect(cache.heldBytes > 0)
        cache.slots.leave(slot)
        cache.collect()
        #expect(cache.heldBytes == 0)
    }

    @Test(arguments: [0, 100, 1 << 16, 1 << 20])
    func `the capacity holds, whatever comes`(capacity: Int) throws {
        var generator = SeededGenerator(seed: capacity)
        let cache = BlockCache(capacityBytes: capacity)
        for _ in 0..<3000 {
            let offset = Int.random(in: 0..<400, using: &generator)
            if try cache.find(key(offset)) == nil {
                let size = Int.random(in: 1...20_000, using: &generator)
                cache.insert(try frame(key(offset), size))
            }
            #expect(cache.statistics.bytes <= capacity)
        }
        cache.removeAll(of: FileNumber(1))
        #expect(cache.statistics.bytes == 0)
        #expect(cache.statistics.blockCount == 0)
    }

    @Test func `the budget counts what the cache holds`() throws {
        let budget = MemoryBudget(totalBytes: 1 << 20)
        do {
            let cache = BlockCache(capacityBytes: 1 << 18, budget: budget)
            for offset in 0..<1000 {
                cache.insert(try frame(key(offset)))
                #expect(budget.used(by: .blockCache) == cache.statistics.bytes)
            }
            cache.setCapacity(1 << 17)
            #expect(budget.used(by: .blockCache) == cache.statistics.bytes)
            cache.removeAll(of: FileNumber(1))
            #expect(budget.used(by: .blockCache) == 0)
            cache.insert(try frame(key(1)))
        }
        #expect(budget.used(by: .blockCache) == 0)
    }

    @Test func `a smaller capacity holds at once`() throws {
        let cache = BlockCache(capacityBytes: 1 << 22)
        for offset in 0..<1000 { cache.insert(try frame(key(offset))) }
        cache.setCapacity(1 << 18)
        #expect(cache.statistics.bytes <= 1 << 18)
        #expect(cache.statistics.bytes > 1 << 17)
        #expect(cache.statistics.capacityBytes == 1 << 18)
    }

    @Test func `a scan leaves blocks that are in use where they are`() throws {
        let cache = BlockCache(capacityBytes: 400 * 1200)
        let hot = 0..<100
        for _ in 0..<5 { try read(cache, hot) }
        try read(cache, 1000..<20_000)
        let left = try hot.count { try cache.find(key($0)) != nil }
        #expect(left >= 95)
    }

    @Test func `a block that comes back soon after it went is kept`() throws {
        let cache = BlockCache(capacityBytes: 400 * 1200)
        // Pushed out of probation by others, they come back as ghosts, and a scan passes them by.
        try read(cache, 0..<100)
        try read(cache, 1000..<1450)
        let gone = try (0..<100).count { try cache.find(key($0)) == nil }
        #expect(gone > 60)
        try read(cache, 0..<100)
        try read(cache, 2000..<20_000)
        let kept = try (0..<100).count { try cache.find(key($0)) != nil }
        #expect(kept >= gone * 9 / 10)
    }

    @Test func `blocks of one file go without those of another`() throws {
        let cache = BlockCache(capacityBytes: 1 << 22)
        try read(cache, 0..<100, file: 1)
        try read(cache, 0..<100, file: 2)
        cache.removeAll(of: FileNumber(1))
        #expect(try (0..<100).allSatisfy { try cache.find(key($0, file: 1)) == nil })
        #expect(try (0..<100).allSatisfy { try cache.find(key($0, file: 2)) != nil })
    }

    @Test func `threads that read and write at once agree`() async throws {
        let cache = BlockCache(capacityBytes: 1 << 18)
        try await withThrowingTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var generator = SeededGenerator(seed: worker)
                    for _ in 0..<5000 {
                        let offset = Int.random(in: 0..<300, using: &generator)
                        let key = try self.key(offset)
                        // The length of a block tells which one it is.
                        let slot = cache.slots.enter()
                        let found = cache.find(key).map { CachedBlock(lent: $0) }
                        let block = try found ?? cache.insert(self.frame(key, 500 + offset))
                        let body = block.bytes
                        #expect(block.data.entry(0, in: body.span).value.count == 500 + offset)
                        cache.slots.leave(slot)
                    }
                }
            }
            try await group.waitForAll()
        }
        #expect(cache.statistics.bytes <= 1 << 18)
        cache.collect()
        #expect(cache.heldBytes == 0)
    }
}
