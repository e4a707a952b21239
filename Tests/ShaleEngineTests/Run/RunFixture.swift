/// Makes run files in memory for tests, and a dictionary in order to compare them with.

import ShaleBytes
import ShalePlatform
import Testing

@testable import ShaleEngine

/// Random numbers from a seed, the same on every machine (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: Int) { state = UInt64(truncatingIfNeeded: seed) }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return FilterFormat.mix(state)
    }

    mutating func bytes(_ count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8(truncatingIfNeeded: next()) }
    }
}

/// An entry as a test writes it; nil is a tombstone.
struct TestEntry: Equatable {
    var key: [UInt8]
    var value: [UInt8]?

    init(_ key: [UInt8], _ value: [UInt8]?) {
        self.key = key
        self.value = value
    }

    init(_ key: String, _ value: String?) {
        self.key = Array(key.utf8)
        self.value = value.map { Array($0.utf8) }
    }
}

/// Writes run files to memory and opens them.
struct RunFixture {
    static let identity = FileIdentity(
        first: 0x0706_0504_0302_0100,
        second: 0x0F0E_0D0C_0B0A_0908
    )
    static let origin = SectionOrigin(
        oldest: LogPosition(100),
        newest: LogPosition(200),
        oldestTombstoneMilliseconds: 1_700_000_000_000
    )
    static let directory = "db"

    let files = MemoryFileSystem()
    let cache: BlockCache

    init(cacheBytes: Int = 16 * 1024 * 1024) throws {
        cache = BlockCache(capacityBytes: cacheBytes)
        // What a test finds in the cache stays for as long as the fixture.
        _ = cache.slots.enter()
        try files.createDirectory(Self.directory)
    }

    static func shape(
        blockSize: Int = 4096,
        filterBits: Int = 10,
        compression: EngineOptions.Compression = .lz4
    ) -> RunFileShape {
        RunFileShape(
            blockSizeBytes: blockSize,
            filterBitsPerKey: filterBits,
            compression: compression
        )
    }

    /// Writes sections of entries in ascending order.
    @discardableResult
    func write(
        _ sections: [[TestEntry]],
        number: UInt64 = 1,
        shape: RunFileShape = Self.shape()
    ) throws -> WrittenRunFile {
        var writer = try RunFileWriter(
            FileNumber(number),
            in: Self.directory,
            identity: Self.identity,
            shape: shape,
            files: files
        )
        for section in sections {
            writer.beginSection(Self.origin)
            for entry in section { try writer.append(key: entry.key, value: entry.value) }
            try writer.endSection()
        }
        return try writer.finish()
    }

    func open(_ reference: RunFileReference) -> RunFile {
        RunFile(reference, in: Self.directory, files: files, cache: cache)
    }

    /// Writes and opens sections.
    func make(
        _ sections: [[TestEntry]],
        number: UInt64 = 1,
        shape: RunFileShape = Self.shape()
    ) throws -> RunFile {
        open(try write(sections, number: number, shape: shape).reference)
    }

    /// All bytes of a file.
    func bytes(of number: UInt64 = 1) throws -> [UInt8] {
        let file = try files.open(path(number), .read)
        return try file.read(at: 0, count: try file.sizeBytes())
    }

    /// Puts other bytes into the place of a file.
    func replace(_ number: UInt64 = 1, with bytes: [UInt8]) throws {
        try files.remove(path(number))
        let file = try files.open(path(number), .create)
        try file.write(bytes, at: 0)
    }

    func path(_ number: UInt64) -> String {
        "\(Self.directory)/\(FileNumber(number).fileName(RunFormat.suffix))"
    }
}

extension Lookup {
    /// What was found: absent is nil, a tombstone is an inner nil.
    var found: [UInt8]?? {
        switch self {
        case .value(let value), .blob(let value): .some(value.bytes)
        case .tombstone: .some(nil)
        case .absent: nil
        }
    }
}

extension EntrySource where Self: ~Copyable {
    /// All entries from here on.
    mutating func rest() throws -> [TestEntry] {
        var entries: [TestEntry] = []
        while !isAtEnd {
            entries.append(TestEntry(key.copied(), kind == .tombstone ? nil : value.copied()))
            try advance()
        }
        return entries
    }
}

extension RunSection {
    /// What a scan of `range` visits.
    func entries(
        _ range: EntryRange,
        _ direction: ScanDirection,
        _ mode: ReadMode
    ) throws(EngineError) -> [TestEntry] {
        try range.withBounds(direction) { bounds throws(EngineError) in
            let opened = try file.lendOpened(mode)
            var scan = try SectionScan(opened, ordinal, bounds, mode)
            var entries: [TestEntry] = []
            while !scan.isAtEnd {
                let value = scan.kind == .tombstone ? nil : scan.value.copied()
                entries.append(TestEntry(scan.key.copied(), value))
                try scan.advance()
            }
            return entries
        }
    }
}

/// Keys and values as databases have them, and as they do not.
struct EntryMaker {
    var generator: SeededGenerator

    init(seed: Int) { generator = SeededGenerator(seed: seed) }

    /// Ascending entries with different keys: partitions of one and of many sort keys, and now and
    /// then a key that is no `EntryKey` at all.
    mutating func entries(_ count: Int, largestValue: Int = 200) -> [TestEntry] {
        var values: [[UInt8]: [UInt8]?] = [:]
        while values.count < count {
            let partition = generator.bytes(Int.random(in: 1...20, using: &generator))
            let hash = Hash.xxh3(partition, seed: 7)
            let sorts = Int.random(in: 0...9, using: &generator) < 8 ? 1 : 60
            for _ in 0..<min(sorts, count - values.count) {
                let sort = generator.bytes(
                    sorts == 1 ? 0 : Int.random(in: 1...6, using: &generator)
                )
                var key = EntryKey(hash: hash, partition: partition, sort: sort).bytes
                if Int.random(in: 0..<50, using: &generator) == 0 {
                    key = generator.bytes(Int.random(in: 0...9, using: &generator))
                }
                values[key] = .some(value(upTo: largestValue))
            }
        }
        return values.map { TestEntry($0.key, $0.value) }
            .sorted { KeyOrder.isAscending($0.key, $1.key) }
    }

    private mutating func value(upTo largest: Int) -> [UInt8]? {
        switch Int.random(in: 0..<10, using: &generator) {
        case 0: nil
        case 1: []
        case 2...5: generator.bytes(Int.random(in: 0...largest, using: &generator))
        default: Array(repeating: 0x61, count: Int.random(in: 0...largest, using: &generator))
        }
    }

    /// A bound near one of the entries, or anywhere.
    mutating func bound(_ entries: [TestEntry]) -> [UInt8] {
        let key = entries.randomElement(using: &generator)?.key ?? []
        switch Int.random(in: 0..<5, using: &generator) {
        case 0: return key
        case 1: return key + [0]
        case 2: return Array(key.prefix(Int.random(in: 0...8, using: &generator)))
        case 3: return generator.bytes(Int.random(in: 0...12, using: &generator))
        default: return Array(key.dropLast())
        }
    }

    /// A range of entries: often all, sometimes empty.
    mutating func range(_ entries: [TestEntry]) -> EntryRange {
        let lower = Bool.random(using: &generator) ? [] : bound(entries)
        return EntryRange(
            lower: lower,
            upper: Int.random(in: 0..<3, using: &generator) == 0 ? nil : bound(entries)
        )
    }
}
