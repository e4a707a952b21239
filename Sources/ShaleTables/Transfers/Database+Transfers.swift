internal import ShaleEngine
internal import ShalePlatform
internal import Synchronization

/// The storage's part of exports and imports: what is remembered of them, and their work in the background.
extension Database {
    /// An identity for an export or import that begins now.
    public func newTransfer(
        _ kind: TransferIdentity.Kind,
        _ tableName: String
    ) -> TransferIdentity {
        let label = makeLabel(world.time.wallMilliseconds)
        return TransferIdentity(kind: kind, tableName: tableName, label: label)
    }

    /// The wall clock: milliseconds since 1970-01-01 UTC.
    public var nowMilliseconds: Int64 { world.time.wallMilliseconds }

    /// All exports or imports, the oldest first.
    public func transfers(_ kind: TransferIdentity.Kind) -> [TransferRecord] {
        catalog.transfers.all(kind)
    }

    /// One export or import; nil if there is none.
    public func transfer(_ identity: TransferIdentity) -> TransferRecord? {
        catalog.transfers[identity]
    }

    /// Whether it goes on in this process: one that was interrupted does when somebody resumes it.
    public func isRunning(_ identity: TransferIdentity) -> Bool {
        catalog.transfers.isRunning(identity)
    }

    /// How far it is; nil where it does not go on in this process.
    public func progress(of identity: TransferIdentity) -> TransferProgress? {
        catalog.transfers.progress(of: identity)
    }

    /// Takes note of how far an export or import is, by whoever does its work.
    public func note(_ progress: TransferProgress, of identity: TransferIdentity) {
        catalog.transfers.note(progress, of: identity)
    }

    /// Remembers an export or import, or what has become of it; durable when this answers.
    public func remember(_ record: TransferRecord) async throws(DatabaseError) {
        do throws(EngineError) {
            try await catalog.write(.transfer(record))
            catalog.transfers.install(record)
            let all = catalog.transfers.all(record.identity.kind)
            for old in all.dropLast(TransferRegistry.most)
            where !catalog.transfers.isRunning(old.identity) {
                try await catalog.erase(SystemEntry.name(of: old.identity))
                catalog.transfers.remove(old.identity)
            }
        } catch {
            throw DatabaseError(error)
        }
    }

    /// Does the work of an export or import in the background; closing the database cancels it and waits.
    public func run(
        _ identity: TransferIdentity,
        _ body: @escaping @Sendable () async -> Void
    ) {
        catalog.transfers.begin(identity)
        transferTasks.withLock { tasks in
            tasks[identity] = Task(executorPreference: world.scheduler.taskExecutor) {
                await body()
                self.catalog.transfers.end(identity)
                self.transferTasks.withLock { _ = $0.removeValue(forKey: identity) }
            }
        }
    }

    /// Ends all exports and imports, and answers when none goes on.
    func stopTransfers() async {
        let tasks = transferTasks.withLock { Array($0.values) }
        for task in tasks { task.cancel() }
        for task in tasks { await task.value }
    }

    /// Tells those who listen to this database.
    public func tell(_ event: DatabaseEvent) { options.onEvent?(event) }

    /// Runs what blocks where blocking is allowed.
    public func blocking<Answer: Sendable>(
        _ body: @escaping @Sendable () -> Answer
    ) async -> Answer {
        await world.scheduler.run(.housekeeping, body)
    }
}
