internal import ShalePlatform
internal import ShaleTables
internal import Synchronization

/// A mapping at work: a reading for each shard, parents before their children.
///
/// A shard that cannot go on stops no other.
final class MappingRunner: Sendable {
    /// How often new shards are looked for.
    private static let poll: Int64 = 250
    /// How long is waited when the stream cannot be described.
    private static let troubled: Int64 = 5_000

    let reports = MappingReports()
    private let mapping: EventSourceMapping
    private let patterns: [EventPattern]
    private let stream: StreamIdentity
    private let context: MappingContext
    private let signal: StopSignal
    private let task = Mutex<Task<Void, Never>?>(nil)

    /// A runner that does not run yet.
    ///
    /// - Throws: what is wrong with a filter.
    init(
        _ mapping: EventSourceMapping,
        _ stream: StreamIdentity,
        _ context: MappingContext
    ) throws(PatternError) {
        self.mapping = mapping
        self.stream = stream
        self.context = context
        patterns = try mapping.patterns()
        signal = StopSignal(context.world.scheduler)
    }

    func start() {
        let executor = context.world.scheduler.taskExecutor
        task.withLock { $0 = Task(executorPreference: executor) { await self.run() } }
    }

    /// Begins nothing more.
    func halt() { signal.stop() }

    /// Ends, once the invocations under way have.
    func stop() async {
        halt()
        await task.withLock { $0 }?.value
    }

    private func run() async {
        await withDiscardingTaskGroup { group in
            var begun: Set<ShardIdentity> = []
            while !signal.isStopped {
                do throws(DatabaseError) {
                    for (shard, checkpoint) in try await ready(but: begun) {
                        begun.insert(shard)
                        group.addTask { await self.reading(shard).run(from: checkpoint) }
                    }
                    await signal.pause(milliseconds: Self.poll)
                } catch {
                    reports.note(problem: error.message)
                    await signal.pause(milliseconds: Self.troubled)
                }
            }
        }
    }

    private func reading(_ shard: ShardIdentity) -> ShardReading {
        ShardReading(
            mapping: mapping,
            patterns: patterns,
            stream: stream,
            shard: shard,
            context: context,
            signal: signal,
            reports: reports
        )
    }

    /// The shards that can be read now: those that have no parent that is still to be read.
    private func ready(
        but begun: Set<ShardIdentity>
    ) async throws(DatabaseError) -> [(ShardIdentity, MappingRegistry.Checkpoint)] {
        let shards = try await context.shards(of: stream)
        let known = Set(shards.map(\.identity))
        // Nothing is new: spares the checkpoints.
        if known.isSubset(of: begun) { return [] }
        let checkpoints = try await context.registry.checkpoints(of: mapping.identity)
        let gone = checkpoints.keys.filter { !known.contains($0) && !begun.contains($0) }
        if !gone.isEmpty { try await context.registry.forget(gone, of: mapping.identity) }
        func hasEnded(_ shard: ShardIdentity) -> Bool { checkpoints[shard]?.hasEnded ?? false }
        return shards.filter { shard in
            !begun.contains(shard.identity) && !hasEnded(shard.identity)
                && (shard.parent.map { !known.contains($0) || hasEnded($0) } ?? true)
        }.map { ($0.identity, checkpoints[$0.identity] ?? MappingRegistry.Checkpoint()) }
    }
}
