internal import ShaleEngine
internal import ShalePlatform
internal import Synchronization

/// How much of the disk the records of all streams take, and how much they may.
///
/// Records count for 24 hours, whoever reads them; so the only way to keep them from eating the disk is to write fewer. At
/// the budget no write makes another record: it is throttled, as where its table has no capacity. Nothing is dropped before its time,
/// reads go on, and so do writes that change nothing or whose table has no stream.
///
/// What is taken was measured at the last round of housekeeping; what writes have added since is estimated, so that the budget
/// holds between two rounds as well. What a canceled transaction would have added counts until the next round.
final class StreamSpace: Sendable {
    /// What records may take.
    let budgetBytes: Int
    private let taken: Atomic<Int>
    private let refusals = Atomic<Int>(0)
    private let wasFull: Atomic<Bool>

    init(budgetBytes: Int, takenBytes: Int) {
        self.budgetBytes = budgetBytes
        taken = Atomic(takenBytes)
        wasFull = Atomic(takenBytes >= budgetBytes)
    }

    /// What records take, as far as is known.
    var takenBytes: Int { taken.load(ordering: .relaxed) }

    /// Whether no record may be added.
    @inline(__always)
    var isFull: Bool { takenBytes >= budgetBytes }

    var statistics: StreamSpaceStatistics {
        StreamSpaceStatistics(
            takenBytes: takenBytes,
            budgetBytes: budgetBytes,
            throttledWrites: refusals.load(ordering: .relaxed)
        )
    }

    /// A write has added a record.
    func add(bytes: Int) { taken.add(bytes, ordering: .relaxed) }

    /// Records take so much.
    /// - Returns: whether there is space now where there was none, or the other way round; nil where it is as before.
    func measure(bytes: Int) -> Bool? {
        taken.store(bytes, ordering: .relaxed)
        let isFull = bytes >= budgetBytes
        let before = wasFull.exchange(isFull, ordering: .relaxed)
        return before == isFull ? nil : !isFull
    }

    /// Refuses a write to a table that would add a record.
    ///
    /// - Throws: `.throughputExceeded`, `.throttled`.
    func admit(_ table: TableDefinition) throws(DatabaseError) {
        guard isFull else { return }
        refusals.add(1, ordering: .relaxed)
        var error = DatabaseError(
            table.billing.mode == .provisioned ? .throughputExceeded : .throttled,
            "The disk budget of streams is used up: the records of the last 24 hours take \(takenBytes) bytes of "
                + "\(budgetBytes). Nothing was written. Writes to tables with a stream are taken again when the "
                + "oldest records are trimmed; raise the budget, or switch the stream of the table off."
        )
        error.throttlingReasons = [
            ThrottlingReason(reason: "TableWriteStreamBudgetExceeded", tableName: table.name)
        ]
        throw error
    }
}

/// What the records of all streams take, and may take.
public struct StreamSpaceStatistics: Sendable, Equatable {
    /// Bytes in run files, blob segments and memory; behind the last round of housekeeping an estimate.
    public var takenBytes: Int
    /// Bytes that they may take.
    public var budgetBytes: Int
    /// Writes that were throttled since the database was opened.
    public var throttledWrites: Int
}

extension Database {
    /// What the records of all streams take of the disk, and may take.
    ///
    /// Costs no file call.
    public var streamSpaceStatistics: StreamSpaceStatistics { streamSpace.statistics }

    /// The space of a database that is being opened.
    ///
    /// Where no budget was chosen it is half of what is free and of what records take already: so it does not shrink with every
    /// opening.
    static func streamSpace(
        _ engine: Engine,
        _ catalog: Catalog,
        _ options: DatabaseOptions,
        _ directory: String,
        _ world: World
    ) throws(DatabaseError) -> StreamSpace {
        let taken = engine.footprintBytes(of: catalog.streams.engineTables)
        if let budget = options.streamBudgetBytes {
            return StreamSpace(budgetBytes: budget, takenBytes: taken)
        }
        do throws(FileError) {
            let free = try world.files.freeSpaceBytes(directory)
            return StreamSpace(budgetBytes: free / 2 + taken / 2, takenBytes: taken)
        } catch {
            throw DatabaseError(EngineError(error))
        }
    }

    /// Looks what records take now.
    func measureStreams() {
        let taken = engine.footprintBytes(of: catalog.streams.engineTables)
        guard let hasSpace = streamSpace.measure(bytes: taken) else { return }
        options.onEvent?(hasSpace ? .streamsHaveSpace : .streamsFull(streamSpace.statistics))
    }
}
