internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform
internal import Synchronization

/// Whether and by which attribute the items of a table expire.
public struct TimeToLiveDescription: Sendable, Equatable {
    /// The states; the raw value is the service's name.
    public enum Status: String, Sendable, Equatable {
        /// Items from before it was switched on are still looked through.
        case enabling = "ENABLING"
        /// Expired items are deleted.
        case enabled = "ENABLED"
        /// Items do not expire.
        case disabled = "DISABLED"
    }

    /// The state.
    public var status: Status
    /// The attribute, unless disabled: a number, seconds since 1970-01-01 UTC.
    public var attributeName: String?
}

extension Database {
    /// Whether items of a table expire.
    ///
    /// - Throws: `.resourceNotFound`, `.validation`.
    public func describeTimeToLive(
        _ tableName: String
    ) throws(DatabaseError) -> TimeToLiveDescription {
        guard let expiry = try describedTable(tableName).definition.timeToLive else {
            return TimeToLiveDescription(status: .disabled)
        }
        return TimeToLiveDescription(
            status: expiry.isBackfilling ? .enabling : .enabled,
            attributeName: expiry.attributeName
        )
    }

    /// Lets items of a table expire at the time that an attribute says, or not any more.
    ///
    /// An expired item is deleted within seconds, unless its time is more than five years ago. Until then it can be read.
    /// - Throws: `.resourceNotFound`, `.validation` when it is so already, `.resourceInUse`, `.internalFailure`.
    public func updateTimeToLive(
        _ tableName: String,
        attributeName: String,
        isEnabled: Bool
    ) async throws(DatabaseError) {
        let live = try describedTable(tableName)
        try await live.beginChange()
        defer { live.endChange() }
        guard !live.isDeleted else { throw .tableNotFound(tableName) }
        var definition = live.definition
        let old = definition.timeToLive
        let now = world.time.wallMilliseconds
        guard !live.expiry.wasChanged(within: options.timeToLiveChangeInterval, at: now) else {
            throw .validation(
                "Time to live has been modified multiple times within a fixed interval"
            )
        }
        if let old, isEnabled {
            throw .validation(
                TextOrder.areEqual(old.attributeName, attributeName)
                    ? "TimeToLive is already enabled"
                    : "TimeToLive is active on a different AttributeName: current AttributeName is "
                        + old.attributeName
            )
        }
        if !isEnabled {
            guard let old else { throw .validation("TimeToLive is already disabled") }
            guard TextOrder.areEqual(old.attributeName, attributeName) else {
                throw .validation(
                    "TimeToLive is active on a different AttributeName: current AttributeName is "
                        + old.attributeName
                )
            }
        }
        do throws(EngineError) {
            definition.timeToLive =
                isEnabled
                ? ExpiryDefinition(
                    attributeName: attributeName,
                    engineTable: try await engine.createTable(),
                    isBackfilling: true
                ) : nil
            try await catalog.write(definition, live.tallies(of: definition))
            // First everybody asks, then there is an answer: none who does not ask is left.
            await live.publish(definition)
            live.expiry.set(definition.timeToLive)
            await live.publish(definition)
            if let old { try await engine.dropTable(old.engineTable.id) }
        } catch {
            throw DatabaseError(error)
        }
        live.expiry.noteChange(at: now)
        if let expiry = definition.timeToLive { startExpiryBackfill(live, expiry) }
        startHousekeeping()
    }

    /// Looks through items from before in the background.
    func startExpiryBackfill(_ live: LiveTable, _ expiry: ExpiryDefinition) {
        let task = Task(executorPreference: world.scheduler.taskExecutor) {
            await self.fill(live, expiry)
        }
        backfills.withLock { $0[expiry.engineTable.id] = task }
    }

    private func fill(_ live: LiveTable, _ expiry: ExpiryDefinition) async {
        do throws(EngineError) {
            let backfill = ExpiryBackfill(engine: engine, live: live, definition: expiry)
            guard try await backfill.run() else { return }
            try await activate(live, expiry)
        } catch {
            // One whose table was dropped ends so.
            guard live.expiry.now?.engineTable == expiry.engineTable, !live.isDeleted else {
                return
            }
            options.onEvent?(.expiryFailed(table: live.name, DatabaseError(error)))
        }
    }

    private func activate(
        _ live: LiveTable,
        _ expiry: ExpiryDefinition
    ) async throws(EngineError) {
        await live.awaitChange()
        defer { live.endChange() }
        var definition = live.definition
        guard !live.isDeleted, !Task.isCancelled,
            definition.timeToLive?.engineTable == expiry.engineTable
        else { return }
        definition.timeToLive?.isBackfilling = false
        try await catalog.write(definition, live.tallies(of: definition))
        await live.publish(definition)
        backfills.withLock { _ = $0.removeValue(forKey: expiry.engineTable.id) }
    }
}

/// Remembers when the items expire that a table held before.
private struct ExpiryBackfill: Sendable {
    let engine: Engine
    let live: LiveTable
    let definition: ExpiryDefinition

    /// Answers whether all were seen; false when the task was cancelled.
    func run() async throws(EngineError) -> Bool {
        let table = live.definition
        return try await TableFilling(engine: engine, table: table.engineTable).run {
            key,
            view throws(EngineError) in
            try entry(of: key, table, view)
        } note: { seconds in
            if let seconds { live.expiry.note(seconds) }
        }
    }

    private func entry(
        of key: EntryKey,
        _ table: TableDefinition,
        _ view: ReadView
    ) throws(EngineError) -> (WriteBatch, Int64?) {
        var batch = WriteBatch()
        guard let bytes = try view.get(table.engineTable.id, key) else { return (batch, nil) }
        do throws(ItemError) {
            let item = try ItemDecoder.decode(bytes)
            guard let seconds = definition.seconds(of: item) else { return (batch, nil) }
            var primary = Item()
            for attribute in table.key.attributes { primary[attribute.name] = item[attribute.name] }
            let entry = ExpiryEntry(definition, seconds: seconds, primary, table.key)
            batch.put(definition.engineTable.id, entry.key, try ItemEncoder.encode(primary))
            return (batch, seconds)
        } catch {
            throw EngineError(.corrupted, "item: \(error.description)")
        }
    }
}
