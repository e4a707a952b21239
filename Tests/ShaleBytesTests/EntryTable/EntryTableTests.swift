import ShaleBytes
import Synchronization
import Testing

/// An entry table against a dictionary of versions, alone and with readers and writers side by side.
struct EntryTableTests {
    /// Keys as the engine makes them: a hash of the partition, the partition, a sort key.
    private static func key(_ partition: Int, _ sort: Int) -> [UInt8] {
        var writer = ByteWriter()
        let name = Array("partition-\(partition)".utf8)
        writer.append(bigEndian: Hash.xxh3(name, seed: 7))
        writer.append(bigEndian: UInt16(name.count))
        writer.append(name)
        writer.append(utf8: "sort-key-\(100_000 + sort)")
        return writer.take()
    }

    private static func hash(_ key: [UInt8]) -> UInt64 { Hash.xxh3(key, seed: 0) }

    @discardableResult
    private static func add(
        _ table: EntryTable,
        _ key: [UInt8],
        _ position: UInt64,
        _ value: [UInt8]?,
        horizon: UInt64 = 0
    ) -> Int {
        key.withLentBytes { key in
            guard let value else {
                return table.add(key, keyHash: Hash.xxh3(key.copied(), seed: 0), at: position, nil)
                {
                    horizon
                }
            }
            return value.withLentBytes {
                table.add(key, keyHash: Hash.xxh3(key.copied(), seed: 0), at: position, $0) {
                    horizon
                }
            }
        }
    }

    private static func find(
        _ table: EntryTable,
        _ key: [UInt8],
        before position: UInt64 = .max >> 1
    ) -> (position: UInt64, value: [UInt8]?)? {
        key.withLentBytes { bytes in
            table.find(bytes, keyHash: hash(key), before: position).map {
                ($0.position, $0.isTombstone ? nil : $0.value.copied())
            }
        }
    }

    private static func makeTable(_ pool: ChunkPool = ChunkPool(retainedBytes: 0)) -> EntryTable {
        EntryTable(firstHash: 0, lastHash: .max, pool: pool)
    }

    /// Keys from `lower` on and below `upper`, as they were before `position`.
    private static func keys(
        _ table: EntryTable,
        from lower: [UInt8] = [],
        to upper: [UInt8]? = nil,
        isAscending: Bool = true,
        before position: UInt64
    ) -> [[UInt8]] {
        lower.withLentBytes { lower in
            (upper ?? []).withLentBytes { end in
                var cursor = EntryTableCursor(
                    Unretained(table),
                    lower: lower,
                    upper: upper == nil ? nil : end,
                    isAscending: isAscending,
                    before: position
                )
                var keys: [[UInt8]] = []
                while !cursor.isAtEnd {
                    keys.append(cursor.key.copied())
                    cursor.advance()
                }
                return keys
            }
        }
    }

    /// Versions of each key, ascending by position.
    private typealias Model = [[UInt8]: [(position: UInt64, value: [UInt8]?)]]

    private static func visible(_ model: Model, before position: UInt64) -> [[UInt8]] {
        model.filter { $0.value.contains { $0.position < position } }.keys
            .sorted { $0.lexicographicallyPrecedes($1) }
    }

    @Test(arguments: 1...5)
    func `finds and visits what a dictionary of versions holds`(seed: UInt64) {
        var random = Draws(seed: seed)
        let table = Self.makeTable()
        var model: Model = [:]
        var position: UInt64 = 1
        for step in 0..<2_000 {
            let key = Self.key(random.below(12), random.below(step < 500 ? 60 : 400))
            position += UInt64(random.below(3))
            // One in four arrives late: with a position before those that are there.
            let late = random.below(4) == 0 ? UInt64(random.below(min(Int(position), 200))) : 0
            let at = position - late
            let value: [UInt8]? =
                random.below(5) == 0
                ? nil : (0..<random.below(90)).map { _ in UInt8(random.below(256)) }
            Self.add(table, key, at, value)
            model[key, default: []].removeAll { $0.position == at }
            model[key, default: []].append((at, value))
            model[key]?.sort { $0.position < $1.position }
            if step == 700 || step == 1_400 { Self.check(table, model, position, &random) }
        }
        Self.check(table, model, position, &random)
    }

    private static func check(
        _ table: EntryTable,
        _ model: Model,
        _ newest: UInt64,
        _ random: inout Draws
    ) {
        for (key, versions) in model {
            let position = UInt64(random.below(Int(newest) + 2))
            let expected = versions.last { $0.position < position }
            let found = find(table, key, before: position)
            #expect(found?.position == expected?.position)
            #expect(found?.value == expected?.value)
        }
        #expect(find(table, key(99, 1)) == nil)
        for _ in 0..<20 {
            let position = UInt64(random.below(Int(newest) + 2))
            let all = visible(model, before: position)
            let bounds = [
                key(random.below(12), random.below(400)), key(random.below(12), random.below(400)),
            ]
            .sorted { $0.lexicographicallyPrecedes($1) }
            let inside = all.filter {
                !$0.lexicographicallyPrecedes(bounds[0]) && $0.lexicographicallyPrecedes(bounds[1])
            }
            for isAscending in [true, false] {
                let found = keys(
                    table,
                    from: bounds[0],
                    to: bounds[1],
                    isAscending: isAscending,
                    before: position
                )
                #expect(found == (isAscending ? inside : inside.reversed()))
            }
            #expect(keys(table, before: position) == all)
        }
    }

    @Test func `a version is reused only behind a newer one before the horizon`() {
        let table = Self.makeTable()
        let key = Self.key(1, 1)
        Self.add(table, key, 10, [1])
        Self.add(table, key, 20, [2])
        // Nothing before 20 is dead: somebody may look at 15.
        Self.add(table, key, 30, [3], horizon: 15)
        #expect(Self.find(table, key, before: 15)?.value == [1])
        #expect(Self.find(table, key, before: 25)?.value == [2])
        // 20 is not before the horizon yet, since a view at 20 does not see it.
        Self.add(table, key, 40, [4], horizon: 30)
        #expect(Self.find(table, key, before: 30)?.value == [2])
        let size = table.allocatedBytes
        for position in 5..<2_000 {
            let at = UInt64(position) * 10
            Self.add(table, key, at, [5], horizon: at - 5)
            #expect(Self.find(table, key, before: at)?.position == at - 10)
        }
        #expect(table.allocatedBytes - size < 1_024)
    }

    @Test func `of one position the last write stays`() {
        let table = Self.makeTable()
        let key = Self.key(1, 1)
        Self.add(table, key, 10, [1])
        Self.add(table, key, 10, [2, 2])
        #expect(Self.find(table, key)?.value == [2, 2])
        Self.add(table, key, 20, [3])
        Self.add(table, key, 10, nil)
        #expect(Self.find(table, key, before: 11)?.value == .some(nil))
        #expect(Self.find(table, key)?.value == [3])
    }

    @Test func `an empty table has no memory, a small one little`() {
        let pool = ChunkPool(retainedBytes: 0)
        let tables = (0..<1_000).map { _ in Self.makeTable(pool) }
        #expect(pool.usedBytes == 0)
        for table in tables {
            for sort in 0..<4 {
                Self.add(table, Self.key(sort, sort), 1, [UInt8](repeating: 1, count: 60))
            }
        }
        #expect(pool.usedBytes / tables.count <= 4_096)
        #expect(pool.usedBytes == tables.reduce(0) { $0 + $1.allocatedBytes })
    }

    @Test func `memory of a dead table serves the next one`() {
        let pool = ChunkPool(retainedBytes: 16 * 1024 * 1024)
        func fill() -> Int {
            let table = Self.makeTable(pool)
            for index in 0..<40_000 {
                Self.add(table, Self.key(index % 100, index), 1, [UInt8](repeating: 1, count: 100))
            }
            return table.allocatedBytes
        }
        let size = fill()
        #expect(pool.usedBytes == 0)
        let kept = pool.freeBytes
        #expect(kept > size / 2)
        _ = fill()
        #expect(pool.freeBytes == kept)
    }

    @Test func `values larger than a chunk have room, and small ones go on beside them`() {
        let table = Self.makeTable()
        let large = [UInt8](repeating: 9, count: 900_000)
        Self.add(table, Self.key(1, 0), 1, large)
        Self.add(table, Self.key(1, 1), 2, [1])
        Self.add(table, Self.key(1, 0), 3, large + [1])
        Self.add(table, Self.key(1, 2), 4, [2])
        #expect(Self.find(table, Self.key(1, 0), before: 2)?.value == large)
        #expect(Self.find(table, Self.key(1, 0))?.value == large + [1])
        #expect(Self.find(table, Self.key(1, 2))?.value == [2])
    }

    @Test func `readers find all that was published while writers go on`() async {
        let table = Self.makeTable()
        let writers = 2
        let perWriter = 20_000
        let published = (0..<writers).map { _ in Published() }
        await withTaskGroup(of: Int.self) { group in
            for writer in 0..<writers {
                group.addTask {
                    for index in 0..<perWriter {
                        let key = Self.key(index % 50, index * writers + writer)
                        Self.add(table, key, UInt64(index + 1), Array("\(index)".utf8))
                        published[writer].count.store(index + 1, ordering: .releasing)
                    }
                    return 0
                }
            }
            for reader in 0..<2 {
                group.addTask {
                    var random = Draws(seed: UInt64(reader + 1))
                    var misses = 0
                    for round in 0..<20_000 {
                        let writer = random.below(writers)
                        let count = published[writer].count.load(ordering: .acquiring)
                        guard count > 0 else { continue }
                        let index = random.below(count)
                        let key = Self.key(index % 50, index * writers + writer)
                        let found = Self.find(table, key)
                        if found?.value != Array("\(index)".utf8) { misses += 1 }
                        if round % 4_000 == 0 { misses += Self.unordered(table, atLeast: count) }
                    }
                    return misses
                }
            }
            for await misses in group { #expect(misses == 0) }
        }
        #expect(Self.unordered(table, atLeast: writers * perWriter) == 0)
    }

    /// 1 if a visit of all entries is out of order or has fewer than `count`.
    private static func unordered(_ table: EntryTable, atLeast count: Int) -> Int {
        let keys = keys(table, before: .max >> 1)
        for (key, next) in zip(keys, keys.dropFirst())
        where !key.lexicographicallyPrecedes(next) {
            return 1
        }
        return keys.count >= count ? 0 : 1
    }

    private final class Published: Sendable {
        let count = Atomic<Int>(0)
    }

    /// A small generator: tests are the same every time.
    struct Draws {
        private var state: UInt64
        init(seed: UInt64) { state = seed &* 0x9E37_79B9_7F4A_7C15 | 1 }
        mutating func below(_ limit: Int) -> Int {
            state ^= state << 13
            state ^= state >> 7
            state ^= state << 17
            return Int(state % UInt64(max(1, limit)))
        }
    }
}
