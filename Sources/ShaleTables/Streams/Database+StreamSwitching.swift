internal import ShaleEngine
internal import ShalePlatform

extension Database {
    /// What the change of a table's definition makes of its streams: a new one where it is switched on, the old one, ended,
    /// where it is switched off; nil where neither.
    ///
    /// Nothing of it counts before the catalog has it, and `apply` was called.
    func switchStream(
        _ definition: inout TableDefinition,
        from old: TableDefinition?
    ) async throws(EngineError) -> StreamDefinition? {
        let isOn = definition.stream?.isEnabled == true
        let wasOn = old?.stream?.isEnabled == true
        guard isOn != wasOn else { return nil }
        let streams = catalog.streams.streams(ofTable: definition.id)
        let now = world.time.wallMilliseconds
        guard isOn else {
            var open = streams.last { $0.endedMilliseconds == nil }
            open?.endedMilliseconds = now
            return open
        }
        // Streams are told apart by when they were made.
        let latest = catalog.streams.all.filter { $0.identity.tableName == definition.name }
            .map(\.identity.createdMilliseconds).max()
        let created = max(now, (latest ?? 0) + 1)
        let stream = StreamDefinition(
            identity: StreamIdentity(tableName: definition.name, createdMilliseconds: created),
            tableID: definition.id,
            viewType: definition.stream?.viewType ?? .newAndOldImages,
            keySchema: definition.key.elements,
            generations: [try await makeGeneration(of: definition, number: 0, at: created)]
        )
        definition.streamMilliseconds = created
        return stream
    }

    /// Lets a table's writers add to a stream that was switched on or renewed, or to none any more; answers when all do.
    func apply(_ stream: StreamDefinition?, to live: LiveTable) async {
        guard let stream else { return }
        let ending = live.changes.now?.generation.engineTable.id
        if let ending { catalog.streams.beginDraining(ending) }
        catalog.streams.install(stream)
        live.changes.set(ChangeTarget(stream))
        await live.publish(live.definition)
        if let ending { catalog.streams.endDraining(ending) }
        startHousekeeping()
    }

    /// As many shards as the table has partitions.
    private func makeGeneration(
        of definition: TableDefinition,
        number: Int,
        at milliseconds: Int64,
        atLeast bits: Int = 0
    ) async throws(EngineError) -> StreamGeneration {
        StreamGeneration(
            number: number,
            engineTable: try await engine.createTable(),
            bits: max(bits, shardBits(of: definition)),
            createdMilliseconds: milliseconds,
            first: engine.visiblePosition
        )
    }

    private func shardBits(of definition: TableDefinition) -> Int {
        let partitions = max(1, engine.partitionCount(of: definition.engineTable.id))
        return min(
            StreamGeneration.largestBits,
            Int.bitWidth - (partitions - 1).leadingZeroBitCount
        )
    }

    /// Begins a new generation of a table's stream if its last one is four hours old, or has fewer shards than the table
    /// has partitions by now.
    func renewStream(of live: LiveTable) async throws(EngineError) {
        guard live.changes.now.map({ isDue($0.generation, live.definition) }) ?? false else {
            return
        }
        await live.awaitChange()
        defer { live.endChange() }
        let definition = live.definition
        guard !live.isDeleted, let target = live.changes.now, isDue(target.generation, definition),
            var stream = catalog.streams.streams(ofTable: definition.id).last,
            stream.endedMilliseconds == nil
        else { return }
        let last = target.generation
        stream.generations.append(
            try await makeGeneration(
                of: definition,
                number: last.number + 1,
                at: max(world.time.wallMilliseconds, last.createdMilliseconds + 1),
                atLeast: last.bits
            )
        )
        try await catalog.write(.stream(stream))
        await apply(stream, to: live)
    }

    private func isDue(_ generation: StreamGeneration, _ definition: TableDefinition) -> Bool {
        let age = world.time.wallMilliseconds - generation.createdMilliseconds
        return age >= StreamGeneration.longestMilliseconds
            || generation.bits < shardBits(of: definition)
    }

    /// Drops generations, and streams, of which no record counts any more.
    func trimStreams() async throws(EngineError) {
        for stream in catalog.streams.all {
            let now = world.time.wallMilliseconds
            if stream.isOver(at: now) {
                try await catalog.erase(SystemEntry.name(of: stream.identity))
                catalog.streams.remove(stream.identity)
                for table in stream.engineTables { try await engine.dropTable(table) }
            } else if stream.hasTrimmable(at: now) {
                try await trim(stream.identity)
            }
        }
    }

    private func trim(_ identity: StreamIdentity) async throws(EngineError) {
        let live = catalog.tables.first { $0.definition.id == catalog.streams[identity]?.tableID }
        await live?.awaitChange()
        defer { live?.endChange() }
        // Asked again: now nobody else changes it.
        guard var stream = catalog.streams[identity] else { return }
        let now = world.time.wallMilliseconds
        let over = stream.generations.filter { stream.isOver($0, at: now) }
        let kept = stream.generations.filter { !stream.isOver($0, at: now) }
        guard !over.isEmpty, !kept.isEmpty else { return }
        stream.generations = kept
        try await catalog.write(.stream(stream))
        catalog.streams.install(stream)
        for generation in over { try await engine.dropTable(generation.engineTable.id) }
    }
}

extension StreamDefinition {
    /// Whether no record of a generation counts any more.
    func isOver(_ generation: StreamGeneration, at milliseconds: Int64) -> Bool {
        closedMilliseconds(generation).map {
            milliseconds - $0 > StreamLimits.retentionMilliseconds
        } ?? false
    }

    fileprivate func hasTrimmable(at milliseconds: Int64) -> Bool {
        generations.dropLast().contains { isOver($0, at: milliseconds) }
    }
}
