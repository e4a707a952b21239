internal import ShaleItems
package import ShaleStates
internal import ShaleTables

/// A run of a distributed Map, as users are told of it.
///
///     $map-runs   partition key  of         S   the key of the execution, or the run's ARN
///                 sort key       run        S   the run's ARN
///                                execution  S   the key of the execution
///                                task       N   its number there
///                                items      N   how many items
///                                status     S   RUNNING, SUCCEEDED, FAILED, ABORTED
///                                start      N   milliseconds since 1970-01-01 UTC
///                                stop       N   the same; absent while it runs
///                                limit      N   the most children at a time; 0 is as many as there may be
///                                tolerated  N   how many children may fail; absent for none said
///                                percent    N   how many of 100 may fail; absent for none said
///                                written    BOOL whether its writer has written results
///                                redrives   N   how often it was taken up again; absent for never
///                                redriven   N   when that was last, in milliseconds
package struct MapRunRecord: Sendable {
    package var arn: String
    package var execution: String
    package var task: Int
    package var items: Int
    package var status: ExecutionStatus
    package var startMilliseconds: Int64
    package var stopMilliseconds: Int64?
    package var limits = MapRunLimits(
        maxConcurrency: 0,
        toleratedCount: nil,
        toleratedPercentage: nil
    )
    package var hasWritten = false
    package var redriveCount = 0
    package var redriveMilliseconds: Int64?

    private func item(of partition: String) -> Item {
        var item: Item = [
            "of": .string(partition), "run": .string(arn), "execution": .string(execution),
            "task": .number(Number(task)), "items": .number(Number(items)),
            "status": .string(status.rawValue), "start": .number(Number(startMilliseconds)),
        ]
        if let stopMilliseconds { item["stop"] = .number(Number(stopMilliseconds)) }
        item["limit"] = .number(Number(limits.maxConcurrency))
        item["tolerated"] = limits.toleratedCount.map { .number(Number($0)) }
        item["percent"] = limits.toleratedPercentage.map(AttributeValue.percentage)
        item["written"] = .bool(hasWritten)
        if let redriveMilliseconds {
            item["redrives"] = .number(Number(redriveCount))
            item["redriven"] = .number(Number(redriveMilliseconds))
        }
        return item
    }

    func put(in table: SystemTable, _ writes: inout SystemWrites) {
        writes.put(item(of: execution), in: table)
        writes.put(item(of: arn), in: table)
    }

    init(arn: String, execution: String, task: Int, items: Int, start: Int64) {
        self.arn = arn
        self.execution = execution
        self.task = task
        self.items = items
        status = .running
        startMilliseconds = start
    }

    init?(_ item: Item) {
        func number(_ name: String) -> Int? { item[name]?.numberValue?.intValue }
        guard let arn = item["run"]?.stringValue, let execution = item["execution"]?.stringValue,
            let task = number("task"), let items = number("items"), let start = number("start"),
            let status = item["status"]?.stringValue.flatMap({ ExecutionStatus(rawValue: $0) })
        else { return nil }
        self.arn = arn
        self.execution = execution
        self.task = task
        self.items = items
        self.status = status
        startMilliseconds = Int64(start)
        stopMilliseconds = number("stop").map { Int64($0) }
        limits = MapRunLimits(
            maxConcurrency: number("limit") ?? 0,
            toleratedCount: number("tolerated"),
            toleratedPercentage: item["percent"]?.numberValue.flatMap { Double($0.description) }
        )
        hasWritten = item["written"] == true
        redriveCount = number("redrives") ?? 0
        redriveMilliseconds = number("redriven").map { Int64($0) }
    }

    /// Takes the run up again.
    mutating func redrive(at now: Int64) {
        status = .running
        stopMilliseconds = nil
        redriveCount += 1
        redriveMilliseconds = now
    }

    /// Whether another child does what a child was to do, or it is still to be taken up again: all that did not succeed are.
    func hasReplaced(_ child: ExecutionListing) -> Bool {
        guard child.status != .succeeded, let redriveMilliseconds else { return false }
        return (child.redriveMilliseconds ?? child.startMilliseconds) < redriveMilliseconds
    }
}

/// How many children of a run stand how, or how many items.
package struct MapRunCounts: Sendable, Equatable {
    package var byStatus: [ExecutionStatus: Int] = [:]
    package var total = 0

    /// Counts some more of a status.
    mutating func add(_ count: Int, _ status: ExecutionStatus) {
        byStatus[status, default: 0] += count
        total += count
    }
}

extension Executions {
    /// Notes the begins and the ends of runs, in the record of the step that says so.
    func note(
        _ commands: [ExecutionCommand],
        of record: ExecutionRecord,
        _ known: [MapRunRecord],
        in writes: inout SystemWrites
    ) {
        var runs = Dictionary(known.map { ($0.arn, $0) }) { first, _ in first }
        var changed: Set<String> = []
        for command in commands {
            switch command {
            case .mapRunStarted(let task, let arn, let count, let limits):
                var run =
                    runs[arn]
                    ?? MapRunRecord(
                        arn: arn,
                        execution: record.key.text,
                        task: task.number,
                        items: 0,
                        start: now
                    )
                if run.status != .running { run.redrive(at: now) }
                run.items = count ?? run.items
                run.limits = limits
                runs[arn] = run
                changed.insert(arn)
            case .mapRunEnded(_, let arn, let status, let hasWritten):
                runs[arn]?.hasWritten = hasWritten
                runs[arn]?.status = status
                runs[arn]?.stopMilliseconds = now
                changed.insert(arn)
            default: break
            }
        }
        for arn in changed.sorted() { runs[arn]?.put(in: store.mapRuns, &writes) }
    }

    /// The runs of an execution, by its key.
    func mapRuns(of execution: String) async throws(StatesError) -> [MapRunRecord] {
        try await stored { () async throws(DatabaseError) in
            try await self.store.mapRuns.items(of: .string(execution))
        }.compactMap { MapRunRecord($0) }
    }

    /// The runs of an execution.
    ///
    /// - Throws: `.executionDoesNotExist`, `.invalidArn`, `.failed`.
    package func listMapRuns(_ arn: String) async throws(StatesError) -> [MapRunRecord] {
        let description = try await describe(arn)
        return try await mapRuns(of: try key(description.arn).text)
    }

    /// How many children a run will have: 0 until its items are read; nil once it has ended.
    ///
    /// - Throws: `.executionDoesNotExist`, `.failed`.
    package func childCount(of run: MapRunRecord) async throws(StatesError) -> Int? {
        guard run.status == .running else { return nil }
        return try await load(run.execution, peeking: true).state.childCount(TaskID(run.task))
    }

    /// The resource name of the execution that a run is of.
    package func parent(of run: MapRunRecord) -> String {
        "arn:aws:states:\(region):\(account):execution:\(run.execution)"
    }

    /// A run, and how its children and their items stand.
    ///
    /// - Throws: `.resourceNotFound`, `.failed`.
    /// - Complexity: linear in the children.
    package func describeMapRun(
        _ arn: String
    ) async throws(StatesError) -> (
        run: MapRunRecord, children: MapRunCounts, items: MapRunCounts
    ) {
        guard let run = try await mapRuns(of: arn).first else {
            throw StatesError(.resourceNotFound, "Resource not found: '\(arn)'")
        }
        var children = MapRunCounts()
        var items = MapRunCounts()
        var place: String?
        repeat {
            let (page, next) = try await list(arn, where: { _ in true }, limit: 1_000, after: place)
            for child in page
            where !run.hasReplaced(child) {
                children.add(1, child.status)
                items.add(child.itemCount, child.status)
            }
            place = next
        } while place != nil
        return (run, children, items)
    }

    /// Changes the limits of a run that has not ended; nil leaves one as it is.
    ///
    /// - Throws: `.resourceNotFound`, `.validation`, `.failed`.
    package func updateMapRun(
        _ arn: String,
        maxConcurrency: Int? = nil,
        toleratedCount: Int? = nil,
        toleratedPercentage: Double? = nil
    ) async throws(StatesError) {
        guard let run = try await mapRuns(of: arn).first else {
            throw StatesError(.resourceNotFound, "Resource not found: '\(arn)'")
        }
        guard run.status == .running else {
            throw StatesError(.validation, "The Map run has ended, and cannot be changed.")
        }
        try await post(to: run.execution) { _, _ in
            .mapRunUpdated(
                TaskID(run.task),
                maxConcurrency: maxConcurrency,
                toleratedCount: toleratedCount,
                toleratedPercentage: toleratedPercentage
            )
        }
    }
}
