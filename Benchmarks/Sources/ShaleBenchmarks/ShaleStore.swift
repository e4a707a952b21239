internal import CPeers
internal import ShaleEngine
internal import ShalePlatform
internal import Synchronization

/// Ours.
///
/// The only file that knows the engine's interface: a faster call is switched to here.
struct ShaleStore: Store {
    let engine: Engine
    let table: EngineTable
    let durability: Durability

    static func settings(_ name: String, _ request: Request) -> String {
        let options = options(request)
        return
            "memory budget \(options.memoryBudgetBytes >> 20) MiB for memtables, cache and filters, "
            + "log cap \(options.logCapBytes >> 20) MiB, blocks \(options.blockSizeBytes >> 10) KiB, "
            + "filter \(options.filterBitsPerKey) bits, \(options.compression); log always, "
            + (request.isSynced ? ".synced" : ".buffered (no sync)")
    }

    private static func options(_ request: Request) -> EngineOptions {
        var options = EngineOptions()
        options.memoryBudgetBytes = request.cacheBytes
        options.logCapBytes = request.logCapBytes
        options.onEvent = { event in
            if case .opened(let records, let bytes) = event {
                replayed.withLock { $0 = (records, bytes) }
            }
        }
        return options
    }

    /// What opening replayed: records and bytes of log.
    static var replayedLog: (records: Int, bytes: Int) { replayed.withLock { $0 } }

    private static let replayed = Mutex((records: 0, bytes: 0))

    init(_ name: String, _ request: Request) {
        durability = request.isSynced ? .synced : .buffered
        let options = Self.options(request)
        let directory = request.directory
        (engine, table) = orFail("open") { () throws(EngineError) in
            let engine = try Engine.openBlocking(directory, options, in: .posix())
            if let table = engine.tables.first { return (engine, table) }
            return (engine, try engine.createTableBlocking())
        }
    }

    func makeSession() -> Session { Session(engine: engine, table: table, durability: durability) }

    func settle() { orFail("flush") { () throws(EngineError) in try engine.flushBlocking() } }

    /// Where the bytes that were written have gone, and the runs that are left.
    var counted: [(name: String, value: Int)] {
        let statistics = engine.statistics
        let pauses = statistics.durations.writePauses
        let stalls = statistics.durations.writeStalls
        return [
            ("writePauses", pauses.count),
            ("writePausesMilliseconds", Int(pauses.totalNanoseconds / 1_000_000)),
            ("writeStalls", stalls.count),
            ("writeStallsMilliseconds", Int(stalls.totalNanoseconds / 1_000_000)),
            ("logRecordBytes", statistics.writtenBytes),
            ("flushCount", statistics.flushCount),
            ("flushedBytes", statistics.flushedBytes),
            ("compactionCount", statistics.compactionCount),
            ("compactedBytes", statistics.compactedBytes),
            ("runCount", statistics.partitions.map(\.runSizesBytes.count).max() ?? 0),
        ]
    }

    func close() { orFail("close") { () throws(EngineError) in try engine.closeBlocking() } }

    /// A key and a value that may cross a suspension.
    struct Entry: Sendable {
        let partition: [UInt8]
        let sort: [UInt8]
        let value: [UInt8]

        init(_ index: Int, _ request: Request, _ random: inout Random) {
            var key = KeyBuffer()
            key.set(index)
            let bytes = Array(UnsafeBufferPointer(start: key.bytes, count: key.size))
            partition = Array(bytes.prefix(key.partitionSize))
            sort = Array(bytes.suffix(KeyBuffer.sortSize))
            value = ValueBuffer.make(request.valueSize, stamp: UInt64(index), &random)
        }
    }

    /// A put for tasks: suspends instead of blocking.
    func putAsync(_ entry: Entry) async {
        var batch = WriteBatch()
        batch.put(table.id, table.key(partition: entry.partition, sort: entry.sort), entry.value)
        do {
            try await engine.write(batch, durability)
        } catch {
            fail("shale put: \(error)")
        }
    }

    struct Session: StoreSession {
        let engine: Engine
        let table: EngineTable
        let durability: Durability
        var batch = WriteBatch()

        init(engine: Engine, table: EngineTable, durability: Durability) {
            self.engine = engine
            self.table = table
            self.durability = durability
        }

        @inline(__always)
        mutating func put(_ key: borrowing KeyBuffer, _ value: UnsafeRawBufferPointer) {
            addToBatch(key, value)
            commitBatch()
        }

        @inline(__always)
        mutating func addToBatch(_ key: borrowing KeyBuffer, _ value: UnsafeRawBufferPointer) {
            let partition = UnsafeRawBufferPointer(start: key.bytes, count: key.partitionSize)
            let sort = UnsafeRawBufferPointer(
                start: key.bytes + key.partitionSize,
                count: KeyBuffer.sortSize
            )
            batch.put(table, partition: partition.bytes, sort: sort.bytes, value.bytes)
        }

        mutating func commitBatch() {
            orFail("put") { () throws(EngineError) in
                _ = try engine.writeBlocking(batch, durability)
            }
            batch.removeAll()
        }

        @inline(__always)
        mutating func get(_ key: borrowing KeyBuffer) -> UInt64? {
            let partition = UnsafeRawBufferPointer(start: key.bytes, count: key.partitionSize)
            let sort = UnsafeRawBufferPointer(
                start: key.bytes + key.partitionSize,
                count: KeyBuffer.sortSize
            )
            return orFail("get") { () throws(EngineError) in
                try table.withKey(partition: partition.bytes, sort: sort.bytes) {
                    key throws(EngineError) in
                    try engine.withValueBlocking(table.id, key) { value in
                        value.withUnsafeBytes { benchTouch($0.baseAddress, $0.count) }
                    }
                }
            }
        }

        @inline(__always)
        mutating func scan(_ key: borrowing KeyBuffer, limit: Int) -> Int {
            let partition = UnsafeRawBufferPointer(start: key.bytes, count: key.partitionSize)
            let sort = UnsafeRawBufferPointer(
                start: key.bytes + key.partitionSize,
                count: KeyBuffer.sortSize
            )
            var count = 0
            orFail("scan") { () throws(EngineError) in
                try table.withRange(partition: partition.bytes, from: sort.bytes) {
                    range throws(EngineError) in
                    try engine.readBlocking { view throws(EngineError) in
                        try view.scanSpans(table.id, range) { _, value in
                            value.withUnsafeBytes { _ = benchTouch($0.baseAddress, $0.count) }
                            count += 1
                            return count < limit ? .continue : .stop
                        }
                    }
                }
            }
            return count
        }

        mutating func scanAll() -> Int {
            var count = 0
            orFail("scan") { () throws(EngineError) in
                try engine.readBlocking { view throws(EngineError) in
                    try view.scanSpans(table.id, .all) { _, value in
                        value.withUnsafeBytes { _ = benchTouch($0.baseAddress, $0.count) }
                        count += 1
                        return .continue
                    }
                }
            }
            return count
        }

        mutating func end() {}
    }
}

@inline(__always)
private func orFail<Answer>(
    _ what: String,
    _ body: () throws(EngineError) -> Answer
) -> Answer {
    do throws(EngineError) {
        return try body()
    } catch {
        fail("shale \(what): \(error)")
    }
}
