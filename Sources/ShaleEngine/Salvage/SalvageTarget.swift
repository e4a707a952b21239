internal import ShaleBytes
internal import ShalePlatform

/// The new database of a salvage: collects writes into batches, newest last, and counts them.
///
/// Used by one thread.
final class SalvageTarget {
    private static let batchSizeBytes = 1024 * 1024

    private let engine: Engine
    private let randomness: any Randomness
    private let progress: (@Sendable (SalvageProgress) -> Void)?
    private var batch = WriteBatch()
    private var batchBytes = 0
    /// Tables whose hash seed is lost: their keys are hashed anew.
    private var reseeded: [TableID: EngineTable] = [:]
    var report = SalvageReport()
    /// Set when the new database fails: no damage of the old one.
    private(set) var failure: EngineError?

    init(
        _ engine: Engine,
        _ randomness: any Randomness,
        _ progress: (@Sendable (SalvageProgress) -> Void)?
    ) {
        self.engine = engine
        self.randomness = randomness
        self.progress = progress
    }

    func adopt(_ state: ManifestState) throws(EngineError) {
        engine.numbers.reserve(tablesBefore: state.next.table)
        for table in state.tables.values.sorted(by: { $0.id < $1.id }) {
            try engine.adoptTable(table)
        }
    }

    /// Adds a table that is known only by number.
    func adoptReseeded(_ id: TableID) throws(EngineError) {
        let table = EngineTable(id: id, hashSeed: randomness.next())
        try engine.adoptTable(table)
        reseeded[id] = table
        report.notes.append(
            "\(id) is known from the log only: its hash seed was lost, so it has a new one, and its keys "
                + "were hashed anew"
        )
    }

    func has(_ id: TableID) -> Bool { engine.table(id) != nil }

    /// Gives the new database up as it is.
    func abandon() { engine.abandon() }

    func reading(_ file: String) {
        progress?(SalvageProgress(file: file, entriesCopied: report.entriesCopied))
    }

    /// Writes an entry, or deletes it if there is no value.
    func add(_ table: TableID, _ key: [UInt8], _ value: [UInt8]?) throws(EngineError) {
        let key =
            reseeded[table].map {
                $0.key(
                    partition: Array(EntryKey.partition(in: key)),
                    sort: Array(EntryKey.sort(in: key))
                )
            }
            ?? EntryKey(bytes: key)
        if let value {
            batch.put(table, key, value)
            report.entriesCopied += 1
        } else {
            batch.delete(table, key)
            report.tombstonesApplied += 1
        }
        batchBytes += key.bytes.count + (value?.count ?? 0)
        if batchBytes >= Self.batchSizeBytes || batch.count == Limits.writesPerBatch {
            try writeBatch()
        }
    }

    private func writeBatch() throws(EngineError) {
        guard !batch.isEmpty else { return }
        do throws(EngineError) {
            try engine.writeBlocking(batch, .buffered)
        } catch {
            failure = error
            throw error
        }
        batch = WriteBatch()
        batchBytes = 0
    }

    /// Writes what is left and closes the new database, which makes it durable.
    func finish() throws(EngineError) -> SalvageReport {
        try writeBatch()
        report.tables = engine.tables
        try engine.closeBlocking()
        return report
    }
}
