internal import OrderedCollections
internal import ShaleItems
internal import ShaleJSON
internal import ShalePlatform
internal import ShaleStates
internal import ShaleTables
internal import Synchronization

// Distributed Map: children that are executions of their own, items from buckets, results to buckets.

extension Executions {
    /// How many children are started at the same time.
    private static let startsSideBySide = 32

    /// Does what a run of a Map asks for, and tells the execution.
    func begin(_ command: ExecutionCommand, of record: ExecutionRecord) {
        let key = record.key.text
        switch command {
        case .readItems(let request):
            run { await self.tellItems(request, key) }
        case .startChildren(let request):
            run { await self.startChildren(request, record) }
        case .stopChildren(let task): carryOut(.children(task: task.number, execution: key))
        case .writeResults(let request):
            run { await self.writeResults(request, record) }
        default: break
        }
    }

    /// Does something beside, which the end of the server waits for.
    func run(_ body: @escaping @Sendable () async -> Void) {
        calls.withLock { calls in
            calls.add { identity in
                Task(executorPreference: self.world.scheduler.taskExecutor) {
                    await body()
                    self.calls.withLock { $0.remove(identity) }
                }
            }
        }
    }

    // MARK: Items

    private func tellItems(_ request: ItemReadRequest, _ key: String) async {
        let caller = caller
        let result = await world.scheduler.run(.read) {
            Result { () throws(ItemFormat.Failure) in
                try MapObjects.items(request) { caller.bucket($0) }
            }
        }
        await insist(key) { _, _ in
            switch result {
            case .success(let items): .itemsRead(request.id, items: items)
            case .failure(let failure): .itemsFailed(request.id, cause: failure.reason)
            }
        }
    }

    private func writeResults(_ request: ResultWriteRequest, _ record: ExecutionRecord) async {
        guard let children = await insistOnResults(of: request, record) else { return }
        let caller = caller
        let result = await world.scheduler.run(.housekeeping) {
            Result { () throws(ItemFormat.Failure) in
                try MapObjects.write(request, children) { caller.bucket($0) }
            }
        }
        await insist(record.key.text) { _, _ in
            switch result {
            case .success(let output): .resultsWritten(request.id, output: output)
            case .failure(let failure): .resultsFailed(request.id, cause: failure.reason)
            }
        }
    }

    /// What the children have come to, read until it can be; nil where the server ends before.
    private func insistOnResults(
        of request: ResultWriteRequest,
        _ record: ExecutionRecord
    ) async -> [ChildResult]? {
        while !Task.isCancelled {
            do throws(StatesError) {
                return try await results(of: request, record)
            } catch {
                report("results of \(request.mapRunARN) cannot be read: \(error.message)")
                await pause(milliseconds: 1_000)
            }
        }
        return nil
    }

    /// What the children of a Map run have come to, by index.
    ///
    /// - Complexity: a read for each child, and one more for each redrive before which it succeeded.
    private func results(
        of request: ResultWriteRequest,
        _ parent: ExecutionRecord
    ) async throws(StatesError) -> [ChildResult] {
        var results: [ChildResult] = []
        results.reserveCapacity(request.begun)
        for (index, output) in request.results.prefix(request.begun).enumerated() {
            let execution = try await child(index, of: request, parent, output)
            let isDone = request.isDone[index]
            results.append(ChildResult(execution: execution, output: output, isDone: isDone))
        }
        return results
    }

    private func child(
        _ index: Int,
        of request: ResultWriteRequest,
        _ parent: ExecutionRecord,
        _ output: JSONValue?
    ) async throws(StatesError) -> ExecutionDescription {
        let machine = "\(parent.machineName)/\(Self.label(request.mapRunARN))"
        let isExpress = request.executionType == "EXPRESS"
        var key = ExecutionKey(machine: machine, name: "", isExpress: isExpress)
        for redrive in stride(from: parent.redrives, through: 0, by: -1) {
            let name = Self.childName(request.mapRunARN, index, redrive: redrive)
            let unique = isExpress ? "\(name):\(Self.name(from: name))" : name
            key = ExecutionKey(machine: machine, name: unique, isExpress: isExpress)
            if let record = try await self.record(key.text) {
                return try await description(of: record)
            }
        }
        // An EXPRESS one is kept for minutes, and one that could not begin was never there.
        return ExecutionDescription(
            arn: arn(key),
            name: key.givenName,
            machineARN: parent.machineARN,
            mapRunARN: request.mapRunARN,
            status: output == nil ? .failed : .succeeded,
            startMilliseconds: parent.start,
            input: request.inputs[index].json,
            redriveCount: 0,
            redriveObstacle: output == nil ? nil : "Execution is SUCCEEDED and cannot be redriven",
            revision: parent.revision
        )
    }

    // MARK: Children

    /// The label in a run's ARN: `…:mapRun:MACHINE/LABEL:UUID`.
    private static func label(_ arn: String) -> String {
        let parts = arn.split(separator: ":")
        guard parts.count > 6 else { return "" }
        return String(parts[6].split(separator: "/").last ?? "")
    }

    /// The same name after a crash, another one after a redrive.
    private static func childName(_ run: String, _ index: Int, redrive: Int) -> String {
        name(from: "\(run)#\(index)#\(redrive)")
    }

    private func startChildren(_ request: ChildRequest, _ record: ExecutionRecord) async {
        let program: StateMachineProgram
        do throws(StatesError) {
            program = try await machines.program(
                machine: record.machineName,
                revision: record.revision
            )
        } catch {
            return report("children of \(request.mapRunARN) cannot be started: \(error.message)")
        }
        let machine = ResolvedMachine(
            name: record.machineName,
            arn: record.machineARN,
            identity: record.machineIdentity,
            versionARN: record.versionARN,
            aliasARN: record.aliasARN,
            revision: record.revision,
            kind: request.executionType == "EXPRESS" ? .express : .standard,
            roleARN: record.roleARN,
            program: program
        )
        await withDiscardingTaskGroup { group in
            let share = (request.children.count + Self.startsSideBySide - 1) / Self.startsSideBySide
            for first in stride(from: 0, to: request.children.count, by: max(1, share)) {
                let some = request.children[first..<min(first + share, request.children.count)]
                group.addTask {
                    for child in some where !Task.isCancelled {
                        await self.start(child, request, machine, record)
                    }
                }
            }
        }
    }

    private func start(
        _ child: ChildRequest.Child,
        _ request: ChildRequest,
        _ machine: ResolvedMachine,
        _ record: ExecutionRecord
    ) async {
        while !Task.isCancelled {
            do throws(StatesError) {
                if try await takeUpAgain(child, request, record) { return }
                _ = try await begin(beginning(child, request, machine, record))
                return
            } catch {
                guard error.code == .failed else {
                    let task = request.id
                    return later(record.key.text) { _, _ in
                        .childFailed(
                            task,
                            index: child.index,
                            error: "States.Runtime",
                            cause: error.message
                        )
                    }
                }
                await pause(milliseconds: 1_000)
            }
        }
    }

    /// What a child begins with.
    private func beginning(
        _ child: ChildRequest.Child,
        _ request: ChildRequest,
        _ machine: ResolvedMachine,
        _ record: ExecutionRecord
    ) -> Start {
        let name = Self.childName(request.mapRunARN, child.index, redrive: record.redrives)
        var start = Start(machine, name: name, input: child.input.json)
        start.scope = request.scope
        start.label = Self.label(request.mapRunARN)
        start.mapRunARN = request.mapRunARN
        start.starter = request.mapRunARN
        start.logging = record.logging
        start.itemCount = child.itemCount
        start.parent = ExecutionRecord.Parent(
            execution: record.key.text,
            task: request.id.number,
            index: child.index
        )
        return start
    }

    /// Takes up again what began before a redrive; an EXPRESS child begins anew, as in the service.
    /// - Returns: whether nothing need begin.
    private func takeUpAgain(
        _ child: ChildRequest.Child,
        _ request: ChildRequest,
        _ record: ExecutionRecord
    ) async throws(StatesError) -> Bool {
        guard record.redrives > 0, request.executionType != "EXPRESS" else { return false }
        let machine = "\(record.machineName)/\(Self.label(request.mapRunARN))"
        // One that began for this redrive is found by whoever begins it.
        for redrive in stride(from: record.redrives - 1, through: 0, by: -1) {
            let name = Self.childName(request.mapRunARN, child.index, redrive: redrive)
            let key = ExecutionKey(machine: machine, name: name, isExpress: false)
            guard let known = try await self.record(key.text) else { continue }
            let isOver = known.status == .succeeded || known.round == record.redrives
            if isOver, known.status != .running, let parent = known.parent {
                // It has ended in this round before a crash, or as the run failed, and perhaps nobody was told.
                tell(parent, known, output: try await output(of: known))
                return true
            }
            return try await redriveChild(key, round: record.redrives)
        }
        return false
    }
}
