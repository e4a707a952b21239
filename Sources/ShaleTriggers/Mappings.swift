package import ShaleFunctions
package import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Synchronization

/// The mappings of a database: what there are, and those that run.
package final class Mappings: Sendable {
    let context: MappingContext
    let runners = Mutex<[String: MappingRunner]>([:])
    /// The changes under way, by the identities of their mappings.
    let changes = Mutex(MappingChanges())
    /// Of what is written of one mapping, by its identity, and of making mappings.
    let turns = Turns()
    private static let creating = "create"

    /// Mappings that do not run yet.
    package init(_ context: MappingContext) { self.context = context }

    /// Runs what is enabled.
    ///
    /// - Throws: `.service`.
    package func resume() async throws(FunctionError) {
        for mapping in try await stored({ () async throws(DatabaseError) in
            try await self.context.registry.all()
        }) {
            if mapping.isBeingDeleted {
                try await forget(mapping.identity)
            } else if mapping.isEnabled {
                try start(mapping)
            }
        }
    }

    /// Gives no more batches; what fails from now on has not failed, since functions are ended.
    package func halt() {
        for runner in runners.withLock({ Array($0.values) }) { runner.halt() }
    }

    /// Ends all runners, once the invocations under way have.
    package func stop() async {
        let changes = changes.withLock { $0.stop() }
        let all = runners.withLock { runners in
            defer { runners = [:] }
            return Array(runners.values)
        }
        await withDiscardingTaskGroup { group in
            for runner in all { group.addTask { await runner.stop() } }
            for change in changes { group.addTask { await change.value } }
        }
    }

    /// Ties a function to a stream.
    ///
    /// - Parameter given: What the client said, with the service's names and a whole `FunctionArn`; checked by its shapes.
    /// - Returns: The description.
    /// - Throws: `.invalidParameter`, `.resourceConflict`, `.service`.
    package func create(_ given: Item) async throws(FunctionError) -> Item {
        await turns.enter(Self.creating)
        defer { turns.leave(Self.creating) }
        var mapping = EventSourceMapping(given)
        let stream = try checked(mapping)
        try await requireShards(of: stream, mapping.source)
        let present = try await all()
        if let same = present.first(where: {
            $0.source == mapping.source && $0.function == mapping.function
        }) {
            throw FunctionError(
                .resourceConflict,
                "The event source arn (\" \(mapping.source) \") and function (\" \(mapping.function) "
                    + "\") provided mapping already exists. Please update or delete the existing "
                    + "mapping with UUID \(same.identity)"
            )
        }
        let identity = context.functions.makeIdentity()
        mapping.fields["UUID"] = .string(identity)
        let functions = context.functions
        mapping.fields["EventSourceMappingArn"] = .string(
            "arn:aws:lambda:\(functions.region):\(functions.account):event-source-mapping:\(identity)"
        )
        touch(&mapping)
        let made = mapping
        try await stored { () async throws(DatabaseError) in
            let checkpoints = made.startsLatest ? try await self.latest(of: stream) : []
            try await self.context.registry.write(made, checkpoints)
        }
        if made.isEnabled { try start(made) }
        return told(made, made.isEnabled ? "Creating" : "Disabled")
    }

    private func requireShards(
        of stream: StreamIdentity,
        _ resourceName: String
    ) async throws(FunctionError) {
        do throws(DatabaseError) {
            _ = try await context.shards(of: stream)
        } catch {
            guard error.code == .resourceNotFound else {
                throw FunctionError(.service, error.message)
            }
            throw FunctionError(.invalidParameter, "Stream not found: \(resourceName)")
        }
    }

    /// What of a stream counts as read by whoever begins with what comes.
    private func latest(
        of stream: StreamIdentity
    ) async throws(DatabaseError) -> [(shard: ShardIdentity, MappingRegistry.Checkpoint)] {
        var checkpoints: [(shard: ShardIdentity, MappingRegistry.Checkpoint)] = []
        for shard in try await context.shards(of: stream) {
            let iterator = try await context.database.shardIterator(
                stream,
                shard.identity,
                .latest
            )
            checkpoints.append(
                (
                    shard.identity,
                    MappingRegistry.Checkpoint(
                        next: iterator.sequence,
                        hasEnded: shard.ending != nil
                    )
                )
            )
        }
        return checkpoints
    }

    /// A mapping's description.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func description(of identity: String) async throws(FunctionError) -> Item {
        told(try await found(identity))
    }

    /// The descriptions of all, or of those of a stream or a function, in the order of their identities.
    ///
    /// - Throws: `.service`.
    package func descriptions(
        source: String?,
        function: String?
    ) async throws(FunctionError) -> [Item] {
        try await all().filter { mapping in
            (source.map { $0 == mapping.source } ?? true)
                && (function.map { $0 == mapping.function } ?? true)
        }.map { told($0) }
    }

    /// The tags of a mapping.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func tags(of identity: String) async throws(FunctionError) -> Item {
        try await found(identity).fields[Self.tagsName]?.mapValue ?? [:]
    }

    private static let tagsName = "#tags"

    /// Adds tags to a mapping, and takes others away.
    ///
    /// - Throws: `.resourceNotFound`, `.invalidParameter` beyond 50, `.service`.
    package func tag(
        _ identity: String,
        adding tags: Item = [:],
        removing gone: [String] = []
    ) async throws(FunctionError) {
        await turns.enter(identity)
        defer { turns.leave(identity) }
        var mapping = try await found(identity)
        var all = mapping.fields[Self.tagsName]?.mapValue ?? [:]
        for (tag, value) in tags { all[tag] = value }
        for tag in gone { all.remove(tag) }
        guard all.count <= FunctionLimits.tags else {
            throw FunctionError(
                .invalidParameter,
                "A mapping has at most \(FunctionLimits.tags) tags."
            )
        }
        mapping.fields[Self.tagsName] = .map(all)
        let changed = mapping
        try await stored { () async throws(DatabaseError) in
            try await self.context.registry.write(changed)
        }
    }

    /// What is known of each mapping that runs, in the order of their identities.
    package var reports: [(identity: String, reports: MappingReports)] {
        runners.withLock { $0.map { ($0.key, $0.value.reports) } }.sorted { $0.0 < $1.0 }
    }

    // MARK: Pieces

    func all() async throws(FunctionError) -> [EventSourceMapping] {
        try await stored { () async throws(DatabaseError) in try await self.context.registry.all() }
    }

    func found(_ identity: String) async throws(FunctionError) -> EventSourceMapping {
        let mapping = try await stored { () async throws(DatabaseError) in
            try await self.context.registry.mapping(identity)
        }
        guard let mapping else {
            throw FunctionError(.resourceNotFound, "The resource you requested does not exist.")
        }
        return mapping
    }

    func checked(_ mapping: EventSourceMapping) throws(FunctionError) -> StreamIdentity {
        guard let stream = context.stream(mapping.source) else {
            throw FunctionError(
                .invalidParameter,
                "Unrecognized event source: \(mapping.source.prefix(256)). Streams of tables of this "
                    + "account and region are the only sources here."
            )
        }
        do throws(PatternError) {
            _ = try mapping.patterns()
        } catch {
            throw FunctionError(
                .invalidParameter,
                "Invalid filter pattern definition: \(error.message)."
            )
        }
        guard mapping.tumblingMilliseconds == 0 || mapping.lanes == 1 else {
            throw FunctionError(
                .invalidParameter,
                "Parallelization factor must be equal to 1 when tumbling window period is configured"
            )
        }
        if let destination = mapping.failureDestination, context.bucket(destination) == nil {
            throw FunctionError(
                .invalidParameter,
                "The destination \(destination) is not here: failures are told in buckets "
                    + "(arn:aws:s3:::NAME, with `shale serve --bucket NAME=DIRECTORY`); SQS and SNS are "
                    + "not supported by this server."
            )
        }
        return stream
    }

    func touch(_ mapping: inout EventSourceMapping) {
        let seconds = Double(context.world.time.wallMilliseconds) / 1_000
        // A clock's time is finite, and has no more digits than a number keeps.
        guard let number = try? Number(seconds) else {
            preconditionFailure("a time of day is a finite number of few digits")
        }
        mapping.fields["LastModified"] = .number(number)
    }

    func told(_ mapping: EventSourceMapping, _ state: String? = nil) -> Item {
        var told = mapping.told
        let settled = mapping.isEnabled ? "Enabled" : "Disabled"
        let change = changes.withLock { $0.state(of: mapping.identity) }
        told["State"] = .string(state ?? change ?? (mapping.isBeingDeleted ? "Deleting" : settled))
        told["StateTransitionReason"] = "User action"
        let runner = runners.withLock { $0[mapping.identity] }
        told["LastProcessingResult"] = .string(runner?.reports.result ?? "No records processed")
        return told
    }

    private func start(_ mapping: EventSourceMapping) throws(FunctionError) {
        guard let runner = try runner(mapping) else { return }
        runners.withLock { $0[mapping.identity] = runner }
        runner.start()
    }

    /// What runs a mapping; nil where its stream is none of this account.
    func runner(_ mapping: EventSourceMapping) throws(FunctionError) -> MappingRunner? {
        guard let stream = context.stream(mapping.source) else { return nil }
        do throws(PatternError) {
            return try MappingRunner(mapping, stream, context)
        } catch {
            throw FunctionError(.service, "A filter of \(mapping.identity): \(error.message)")
        }
    }

    func stored<Answer: Sendable>(
        _ body: () async throws(DatabaseError) -> Answer
    ) async throws(FunctionError) -> Answer {
        do throws(DatabaseError) { return try await body() } catch {
            throw FunctionError(.service, error.message)
        }
    }
}
