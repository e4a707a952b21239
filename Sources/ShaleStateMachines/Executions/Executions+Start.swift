internal import ShaleFunctions
internal import ShaleItems
internal import ShaleJSON
internal import ShalePlatform
internal import ShaleStates
internal import ShaleTables

// Starting: the first turn of an execution, often its last. One record of the log.

extension Executions {
    /// What an execution is started with.
    struct Start: Sendable {
        var machine: ResolvedMachine
        /// Nil draws one.
        var name: String?
        var input: String
        var traceHeader: String?
        var parent: ExecutionRecord.Parent?
        /// The task or the Map run that starts it: what it started before is the same execution, ended or not.
        var starter: String?
        /// Of a child of a Map run.
        var mapRunARN: String?
        var scope = 0
        /// The label of the Map state whose child it is.
        var label: String?
        var kind: ResolvedMachine.Kind
        /// How many items of a Map run the input holds.
        var itemCount = 1
        /// Whether the caller waits for its end.
        var isSynchronous = false
        /// What of its events is logged.
        var logging: ExecutionLogging?

        init(_ machine: ResolvedMachine, name: String?, input: String) {
            self.machine = machine
            self.name = name
            self.input = input
            kind = machine.kind
            logging = ExecutionLogging(configuration: machine.logging)
        }

        /// Whether it has a name by which a second start finds it.
        var isNamed: Bool { name != nil && (kind == .standard || mapRunARN != nil) }
    }

    /// Starts an execution.
    ///
    /// - Parameters:
    ///   - arn: A state machine, a version or an alias.
    ///   - name: Of 1 to 80 characters; nil draws one. The same name with the same input is the same execution while it
    ///     runs.
    ///   - input: JSON of at most 256 KiB.
    ///   - traceHeader: Kept, and has no effect.
    /// - Returns: The execution's ARN, and when it was started in milliseconds.
    /// - Throws: `.stateMachineDoesNotExist`, `.executionAlreadyExists`, `.invalidExecutionInput`, `.invalidName`,
    ///   `.failed`.
    package func start(
        _ arn: String,
        name: String? = nil,
        input: String = "{}",
        traceHeader: String? = nil
    ) async throws(StatesError) -> (arn: String, startMilliseconds: Int64) {
        let start = try await start(of: arn, name: name, input: input, traceHeader: traceHeader)
        let record = try await begin(start)
        return (self.arn(record.key), record.start)
    }

    /// What an execution of a machine, a version or an alias is started with.
    func start(
        of arn: String,
        name: String?,
        input: String,
        traceHeader: String?
    ) async throws(StatesError) -> Start {
        // Most machines are known, and need no reading.
        let known = machines.known(arn)
        let machine = if let known { known } else { try await machines.resolve(arn) }
        var start = Start(machine, name: name, input: input)
        start.traceHeader = traceHeader
        return start
    }

    /// Starts an execution of a machine that is known.
    func begin(_ start: Start) async throws(StatesError) -> ExecutionRecord {
        let key = try key(start)
        guard start.isNamed else { return try await begin(start, key) }
        // Of two that come with one name, the second finds the first.
        await starts.enter(key.text)
        defer { starts.leave(key.text) }
        if let known = try await known(start, key) { return known }
        return try await begin(start, key)
    }

    /// The execution that a start finds, for who has the turn of its name; nil where there is none.
    ///
    /// - Throws: `.executionAlreadyExists` where it is another one, `.failed`.
    func known(_ start: Start, _ key: ExecutionKey) async throws(StatesError) -> ExecutionRecord? {
        guard let known = try await record(key.text) else { return nil }
        let hasStarted = start.starter != nil && known.starter == start.starter
        let isOurs = hasStarted || start.parent.map { known.waiters.contains($0) } == true
        // The ARN of an execution of a deleted machine is taken for as long as that execution is kept.
        let isFound =
            known.status == .running && known.machineIdentity == start.machine.identity
        guard known.input == start.input, isFound || isOurs else {
            throw StatesError(
                .executionAlreadyExists,
                "Execution Already Exists: '\(arn(key))'"
            )
        }
        guard let parent = start.parent else { return known }
        if known.status != .running {
            // It ended before a crash, and perhaps nobody was told.
            tell(parent, known, output: try await output(of: known))
        } else if !isOurs {
            try await wait(parent, for: key)
        }
        return known
    }

    /// The key of what is started, with a name that is drawn where none is given.
    func key(_ start: Start) throws(StatesError) -> ExecutionKey {
        if let name = start.name { try StatesName.check(name) }
        return key(start, start.name ?? database.makeUUID())
    }

    private func key(_ start: Start, _ name: String) -> ExecutionKey {
        let machine = start.machine.name + (start.label.map { "/\($0)" } ?? "")
        switch start.kind {
        case .standard: return ExecutionKey(machine: machine, name: name, isExpress: false)
        case .express:
            // A child of a Map run is found again by its name.
            let last = start.mapRunARN == nil ? database.makeUUID() : Self.name(from: name)
            let unique = "\(name):\(last)"
            return ExecutionKey(machine: machine, name: unique, isExpress: true)
        }
    }

    private func begin(
        _ start: Start,
        _ key: ExecutionKey
    ) async throws(StatesError) -> ExecutionRecord {
        var (live, turn) = try firstTurn(start, key)
        try await commit(&live, turn)
        return live.record
    }

    /// An execution that has begun, of which nothing is written.
    func firstTurn(
        _ start: Start,
        _ key: ExecutionKey
    ) throws(StatesError) -> (LiveExecution, LiveExecution.Turn) {
        var live = try first(start, key)
        var turn = LiveExecution.Turn()
        turn.begins = true
        live.handle(.start, at: live.record.start, entropy: world.randomness.next(), &turn)
        return (live, turn)
    }

    /// An execution that has not begun.
    func first(_ start: Start, _ key: ExecutionKey) throws(StatesError) -> LiveExecution {
        try Self.checkSize(of: start.input)
        let record = ExecutionRecord(
            key: key,
            machineName: start.machine.name,
            machineARN: start.machine.arn,
            machineIdentity: start.machine.identity,
            versionARN: start.machine.versionARN,
            aliasARN: start.machine.aliasARN,
            revision: start.machine.revision,
            roleARN: start.machine.roleARN,
            input: start.input,
            start: now,
            scope: start.scope,
            parent: start.parent,
            starter: start.starter,
            mapRunARN: start.mapRunARN,
            traceHeader: start.traceHeader,
            itemCount: start.itemCount,
            isSynchronous: start.isSynchronous,
            logging: start.logging
        )
        let context: ExecutionContext
        do throws(JSONError) {
            context = try record.context(region: region, account: account)
        } catch {
            throw Self.notJSON(error)
        }
        let state = ExecutionState(
            program: start.machine.program,
            context: context,
            scope: start.scope
        )
        return LiveExecution(record: record, state: state)
    }

    static func checkSize(of input: String) throws(StatesError) {
        guard input.utf8.count <= ExecutionState.dataLimit else {
            throw StatesError(
                .invalidExecutionInput,
                "The input has \(input.utf8.count) bytes; at most \(ExecutionState.dataLimit) "
                    + "are allowed."
            )
        }
    }

    static func notJSON(_ error: JSONError) -> StatesError {
        StatesError(
            .invalidExecutionInput,
            "Invalid State Machine Execution Input: 'The input is no JSON: \(error.reason) at byte "
                + "\(error.offset)'"
        )
    }

    /// What is kept of an execution; nil where there is none.
    func record(_ key: String) async throws(StatesError) -> ExecutionRecord? {
        try await stored { () async throws(DatabaseError) in try await self.store.record(key) }
    }

    /// What an execution succeeded with; nil where there is none.
    func output(of record: ExecutionRecord) async throws(StatesError) -> String? {
        try await stored { () async throws(DatabaseError) in
            try await self.store.output(of: record)
        }
    }
}
