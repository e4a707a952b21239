import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

@Suite struct BlockCacheTests {
    private func block(_ size: Int = 1000) throws -> CachedBlock {
        var builder = DataBlockBuilder(targetSize: size)
        let value = [UInt8](repeating: 1, count: size)
        [UInt8](arrayLiteral: 1).withLentBytes { key in
            value.withLentBytes {
                builder.append(key: key, tag: 0, value: $0, kind: .value)
            }
        }
        return try CachedBlock(checking: builder.finish().copied(), as: .data)
    }

    private func key(_ offset: Int, file: UInt64 = 1) -> BlockCache.Key {
        BlockCache.Key(FileNumber(file), UInt64(offset))
    }

    @Test func `a block that was put in is found`() throws {
        let cache = BlockCache(capacityBytes: 1 << 20)
        let block = try block()
        #expect(cache.block(key(1)) == nil)
        cache.insert(block, for: key(1))
        #expect(cache.block(key(1)) === block)
        #expect(cache.block(key(1, file: 2)) == nil)
        #expect(cache.statistics.hits == 1)
        #expect(cache.statistics.misses == 2)
        #expect(cache.statistics.bytes == block.chargeBytes)
    }

    @Test func `of two inserts of one block the first stays`() throws {
        let cache = BlockCache(capacityBytes: 1 << 20)
        let first = try block()
        #expect(cache.insert(first, for: key(1)) === first)
        #expect(cache.insert(try block(), for: key(1)) === first)
        #expect(cache.statistics.blockCount == 1)
    }

    @Test(arguments: [0, 100, 1 << 16, 1 << 20])
    func `the capacity holds, whatever comes`(capacity: Int) throws {
        var generator = SeededGenerator(seed: capacity)
        let cache = BlockCache(capacityBytes: capacity)
        for _ in 0..<3000 {
            let offset = Int.random(in: 0..<400, using: &generator)
            if cache.block(key(offset)) == nil {
                let size = Int.random(in: 1...20_000, using: &generator)
                cache.insert(try block(size), for: key(offset))
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
                cache.insert(try block(), for: key(offset))
                #expect(budget.used(by: .blockCache) == cache.statistics.bytes)
            }
            cache.setCapacity(1 << 17)
            #expect(budget.used(by: .blockCache) == cache.statistics.bytes)
            cache.removeAll(of: FileNumber(1))
            #expect(budget.used(by: .blockCache) == 0)
            cache.insert(try block(), for: key(1))
        }
        #expect(budget.used(by: .blockCache) == 0)
    }

    @Test func `a smaller capacity holds at once`() throws {
        let cache = BlockCache(capacityBytes: 1 << 22)
        for offset in 0..<1000 { cache.insert(try block(), for: key(offset)) }
        cache.setCapacity(1 << 18)
        #expect(cache.statistics.bytes <= 1 << 18)
        #expect(cache.statistics.bytes > 1 << 17)
        #expect(cache.statistics.capacityBytes == 1 << 18)
    }

    @Test func `a scan leaves blocks that are in use where they are`() throws {
        let cache = BlockCache(capacityBytes: 400 * 1200)
        let hot = 0..<100
        for _ in 0..<5 {
            for offset in hot where cache.block(key(offset)) == nil {
                cache.insert(try block(), for: key(offset))
            }
        }
        for offset in 1000..<20_000 where cache.block(key(offset)) == nil {
            cache.insert(try block(), for: key(offset))
        }
        let left = hot.count { cache.block(key($0)) != nil }
        #expect(left >= 95)
    }

    @Test func `a block that comes back soon after it went is kept`() throws {
        let cache = BlockCache(capacityBytes: 400 * 1200)
        func read(_ offsets: Range<Int>) throws {
            for offset in offsets where cache.block(key(offset)) == nil {
                cache.insert(try block(), for: key(offset))
            }
        }
        // Pushed out of probation by others, they come back as ghosts, and a scan passes them by.
        try read(0..<100)
        try read(1000..<1450)
        let gone = (0..<100).count { cache.block(key($0)) == nil }
        #expect(gone > 60)
        try read(0..<100)
        try read(2000..<20_000)
        let kept = (0..<100).count { cache.block(key($0)) != nil }
        #expect(kept >= gone * 9 / 10)
    }

    @Test func `blocks of one file go without those of another`() throws {
        let cache = BlockCache(capacityBytes: 1 << 22)
        for offset in 0..<100 {
            cache.insert(try block(), for: key(offset, file: 1))
            cache.insert(try block(), for: key(offset, file: 2))
        }
        cache.removeAll(of: FileNumber(1))
        #expect((0..<100).allSatisfy { cache.block(key($0, file: 1)) == nil })
        #expect((0..<100).allSatisfy { cache.block(key($0, file: 2)) != nil })
    }

    @Test func `threads that read and write at once agree`() async throws {
        let cache = BlockCache(capacityBytes: 1 << 18)
        let blocks = try (0..<300).map { _ in try block(500) }
        await withTaskGroup(of: Void.self) { group in
            for worker in 0..<4 {
                group.addTask {
                    var generator = SeededGenerator(seed: worker)
                    for _ in 0..<5000 {
                        let offset = Int.random(in: 0..<300, using: &generator)
                        let key = BlockCache.Key(FileNumber(1), UInt64(offset))
                        let found = cache.block(key) ?? cache.insert(blocks[offset], for: key)
                        #expect(found === blocks[offset])
                    }
                }
            }
        }
        #expect(cache.statistics.bytes <= 1 << 18)
    }
}
