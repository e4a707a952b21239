internal import OrderedCollections
internal import ShaleJSON

// What a run of a distributed Map asks for; again after a crash of whoever carries it out.
extension ExecutionState {
    /// Whether there is a run of a distributed Map that has not ended.
    package var hasMapRuns: Bool { !mapRuns.isEmpty && status == .running }

    /// The runs of distributed Maps that have not ended.
    package var openMapRuns: [(task: TaskID, arn: String)] {
        mapRuns.values.map { ($0.id, $0.arn) }
    }

    /// What the runs of distributed Maps have asked for and not been told the end of: to be done again after a crash.
    ///
    /// Whoever starts children finds those that have been started by their names.
    package func outstandingMapCommands(at now: Int64, entropy: UInt64) -> [ExecutionCommand] {
        guard status == .running else { return [] }
        let turn = Turn(now: now, random: RandomStream(seed: entropy))
        var commands: [ExecutionCommand] = []
        for (id, run) in mapRuns.sorted(by: { $0.key < $1.key }) where tasks[run.id] == id {
            guard case .map(let map) = definition(of: id).kind else { continue }
            do throws(StateFailure) {
                commands += try self.commands(of: run, id, map, turn)
            } catch {
                // What was evaluated once is evaluated again with the same data.
                commands.append(.stopChildren(run.id))
            }
        }
        return commands
    }

    private func commands(
        of run: MapRun,
        _ id: BranchID,
        _ map: MapDefinition,
        _ turn: Turn
    ) throws(StateFailure) -> [ExecutionCommand] {
        switch run.stage {
        case .reading:
            guard case .reader(let reader) = map.items else { return [] }
            return [.readItems(try readRequest(run.id, id, reader, input: run.input, turn))]
        case .running:
            let children = (0..<run.next).filter { !run.isDone[$0] && !run.again.contains($0) }
                .map { child($0, of: run, map) }
            return [.startChildren(childRequest(run, map, children))]
        case .writing:
            guard let writer = map.writer else { return [] }
            return [.writeResults(try writeRequest(run, id, map, writer, turn))]
        case .failing:
            guard let writer = map.writer else { return [] }
            let stop = run.running > 0 ? [ExecutionCommand.stopChildren(run.id)] : []
            return stop + [.writeResults(try writeRequest(run, id, map, writer, turn))]
        }
    }

    func readRequest(
        _ task: TaskID,
        _ id: BranchID,
        _ reader: MapDefinition.ItemReader,
        input: JSONValue,
        _ turn: Turn
    ) throws(StateFailure) -> ItemReadRequest {
        let evaluation = evaluation(id, data: input, turn)
        return ItemReadRequest(
            id: task,
            resource: reader.resource,
            parameters: try reader.parameters?.evaluate(in: evaluation) ?? .object([:]),
            configuration: reader.configuration,
            maxItems: try integer(of: reader.maxItems, evaluation)
        )
    }

    func child(_ index: Int, of run: MapRun, _ map: MapDefinition) -> ChildRequest.Child {
        let input = run.inputs[index]
        let batch = map.batcher == nil ? nil : input["Items"]?.elements
        return ChildRequest.Child(index: index, input: input, itemCount: batch?.count ?? 1)
    }

    func childRequest(
        _ run: MapRun,
        _ map: MapDefinition,
        _ children: [ChildRequest.Child]
    ) -> ChildRequest {
        ChildRequest(
            id: run.id,
            mapRunARN: run.arn,
            scope: map.scope,
            executionType: map.executionType,
            children: children
        )
    }

    func writeRequest(
        _ run: MapRun,
        _ id: BranchID,
        _ map: MapDefinition,
        _ writer: MapDefinition.ResultWriter,
        _ turn: Turn
    ) throws(StateFailure) -> ResultWriteRequest {
        let evaluation = evaluation(id, data: run.input, turn)
        return ResultWriteRequest(
            id: run.id,
            mapRunARN: run.arn,
            resource: writer.resource,
            parameters: try writer.parameters?.evaluate(in: evaluation) ?? .object([:]),
            configuration: writer.configuration,
            executionType: map.executionType,
            inputs: run.inputs,
            results: run.results,
            isDone: run.isDone,
            begun: run.next
        )
    }
}
