internal import ShaleEngine
internal import ShalePlatform
internal import Simulation

/// What goes on beside the writers of one life: acts of the operator and of readers.
struct Background: Sendable {
    let engine: Engine
    let tables: [EngineTable]
    let histories: [WriterHistory]
    let ephemeral: EphemeralTables
    let swarm: Swarm
    let world: World
    let limits: DiskLimits

    /// Acts `count` times, and lets others go on between.
    func run(_ count: Int, _ generator: consuming SimulatedGenerator) async throws {
        guard !swarm.acts.isEmpty else { return }
        for _ in 0..<count {
            for _ in 0..<generator.below(12) { await world.scheduler.run(.housekeeping) {} }
            do {
                try await act(swarm.acts[generator.below(swarm.acts.count)], &generator)
            } catch let error as EngineError {
                try await limits.wait(after: error)
            }
        }
    }

    private func act(_ act: Swarm.Act, _ generator: inout SimulatedGenerator) async throws {
        switch act {
        case .flush: try await engine.flush()
        case .compact: try await engine.compact()
        case .split: try await split(&generator)
        case .checkpoint: try await checkpoint(&generator)
        case .createTable: ephemeral.created(try await engine.createTable().id)
        case .dropTable:
            guard let id = ephemeral.candidate else { return }
            ephemeral.dropping(id)
            try await engine.dropTable(id)
            ephemeral.dropped(id)
        case .scan: try await look()
        case .reopen: return
        }
    }

    private func split(_ generator: inout SimulatedGenerator) async throws {
        let table = tables[generator.below(tables.count)]
        let writer = histories[generator.below(histories.count)].writer
        let key = table.key(
            partition: Array("w\(writer)".utf8),
            sort: Array("k\(generator.below(swarm.keysPerWriter))".utf8)
        )
        do throws(EngineError) {
            try await engine.split(table.id, at: key)
        } catch {
            // A partition begins there already.
            guard error.code == .invalidArgument else { throw error }
        }
    }

    private func checkpoint(_ generator: inout SimulatedGenerator) async throws {
        let path = "checkpoint-\(generator.next())"
        let before = histories.map(\.acknowledgedNumber)
        try await engine.checkpoint(to: path)
        let (options, world, ids) = (swarm.options, world, tables.map(\.id))
        let found: Result<[Int: [ModelKey: [UInt8]]], EngineError> = await world.scheduler.run(
            .read
        ) {
            Result { () throws(EngineError) in
                let copy = try Engine.openBlocking(path, options, in: world)
                let found = try copy.contents(of: ids.compactMap { copy.table($0) })
                try copy.closeBlocking()
                return found
            }
        }
        try compare(try found.get(), atLeast: before, "checkpoint")
        for name in try world.files.list(path) { try world.files.remove("\(path)/\(name)") }
        try world.files.remove(path)
    }

    /// Through one view every writer's keys are what they were after one of its batches, and not before one
    /// that was acknowledged when the view was opened.
    private func look() async throws {
        let before = histories.map(\.acknowledgedNumber)
        let tables = tables
        let found = try await engine.read { view throws(EngineError) in
            try Engine.contents(view, tables)
        }
        try compare(found, atLeast: before, "view")
    }

    private func compare(
        _ found: [Int: [ModelKey: [UInt8]]],
        atLeast acknowledged: [UInt64],
        _ place: String
    ) throws(Failure) {
        for (history, least) in zip(histories, acknowledged) {
            let entries = found[history.writer] ?? [:]
            let number = Numbers.number(entries[history.clock])
            guard number >= least else {
                throw Failure(
                    "\(place): writer \(history.writer) stands at batch \(number), \(least) was acknowledged"
                )
            }
            guard let expected = history.entries(after: number) else {
                throw Failure("\(place): batch \(number) of writer \(history.writer) never was")
            }
            try Failure.compare(
                entries,
                expected,
                "\(place): writer \(history.writer) after batch \(number)"
            )
        }
    }
}
