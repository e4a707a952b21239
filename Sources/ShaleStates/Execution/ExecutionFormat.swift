internal import OrderedCollections
internal import ShaleJSON

// The bytes of a state, for whoever keeps it. Program and context are kept beside it and are not in it.
//
// Numbers are LEB128; `?` is one more than the number, or 0 for none; data is JSON with its length before it.
// Never renumber: it is on disk.
//
//     2               version; 1 has no inputs of forks
//     status          0 running, 1 succeeded, 2 failed, 3 timed out, 4 aborted
//     scope, eventCount, redriveCount, lastNumber, timeout?
//     branches        their number, then each in the order of its own
//         number, parent?, index, hasItem
//         state, lastEvent, enteredEvent, eventBefore, enteredTime
//         attempts    how many, then each
//         variables   an object
//         inputSource 0 own, and the input behind it; 1 that of the execution; 2 that of the fork around the branch
//         phase       0 entering, 1 performing, 2 waiting, 3 retrying, 4 task, 5 fork, 6 Map run;
//                     then what belongs to it
//     ready           how many, then the numbers of branches
//
// A machine that waits takes some 30 bytes, its variables and, behind the first state, its data.
extension ExecutionState {
    static let formatVersion = 2

    /// The state in bytes.
    ///
    /// - Complexity: linear in the data that the execution holds.
    package func encoded() -> [UInt8] {
        var writer = StateBytesWriter()
        writer.write(Self.formatVersion)
        writer.write(ExecutionStatus.allCases.firstIndex(of: status) ?? 0)
        for number in [scope, eventCount, redriveCount, lastNumber] { writer.write(number) }
        writer.write(timeout?.number)
        writer.write(branches.count)
        for (id, branch) in branches.sorted(by: { $0.key < $1.key }) {
            writer.write(id.number)
            branch.write(to: &writer)
            forks[id]?.write(to: &writer)
            mapRuns[id]?.write(to: &writer)
        }
        writer.write(ready.map(\.number))
        return writer.bytes
    }

    /// Reads a state back.
    ///
    /// Total: bytes that are no state of the program throw, and none makes a later step trap.
    package init(
        _ bytes: [UInt8],
        program: StateMachineProgram,
        context: ExecutionContext
    ) throws(ExecutionFormatError) {
        var reader = StateBytesReader(bytes)
        guard (1...Self.formatVersion).contains(try reader.number()) else {
            throw reader.error("another version")
        }
        let status = ExecutionStatus.allCases[
            try reader.number(below: ExecutionStatus.allCases.count)
        ]
        let scope = try reader.number(below: program.scopes.count)
        self.init(program: program, context: context, scope: scope)
        self.status = status
        eventCount = try reader.number(below: Int(Int32.max))
        redriveCount = try reader.number(below: Int(Int32.max))
        lastNumber = try reader.number(below: Int(Int32.max))
        timeout = try reader.optionalNumber().map(TimerID.init)
        for _ in 0..<(try reader.count()) {
            let id = BranchID(number: try reader.number(below: lastNumber + 1))
            let branch = try Branch(from: &reader, program, context)
            try readParts(id, program.states[branch.state], branch.phase, &reader)
            guard branches[id] == nil else { throw reader.error("a branch is there twice") }
            branches[id] = try adopted(id, branch, reader)
        }
        for number in try reader.numbers() { ready.append(BranchID(number: number)) }
        guard reader.isAtEnd else { throw reader.error("bytes follow the state") }
        try check(reader)
    }

    /// Reads the fork or the Map run of a branch that has one.
    private mutating func readParts(
        _ id: BranchID,
        _ state: StateDefinition,
        _ phase: Branch.Phase,
        _ reader: inout StateBytesReader
    ) throws(ExecutionFormatError) {
        switch (phase, state.kind) {
        case (.fork, .parallel(let scopes)):
            let fork = try Fork(from: &reader, scopes: scopes, isMap: false)
            guard fork.count == scopes.count else { throw reader.error("other branches") }
            forks[id] = fork
        case (.fork, .map(let map)):
            forks[id] = try Fork(from: &reader, scopes: [map.scope], isMap: true)
        case (.mapRun, .map): mapRuns[id] = try MapRun(from: &reader)
        case (.fork, _), (.mapRun, _): throw reader.error("a phase that the state has not")
        default: break
        }
    }

    /// A branch with what its parent has of it; parents come before their children.
    private func adopted(
        _ id: BranchID,
        _ branch: Branch,
        _ reader: StateBytesReader
    ) throws(ExecutionFormatError) -> Branch {
        guard let parent = branch.parent else {
            guard id == .root, branch.item == nil, branch.inputSource != .fork else {
                throw reader.error("a branch without parent")
            }
            return branch
        }
        guard parent < id, let fork = forks[parent],
            fork.running.contains(id), branch.index < fork.next
        else { throw reader.error("a branch of no fork") }
        return branch.adopted(by: fork)
    }

    /// Checks what later steps rely on, and notes who waits for what.
    private mutating func check(_ reader: StateBytesReader) throws(ExecutionFormatError) {
        var entries = Set<BranchID>()
        for id in ready {
            guard let branch = branches[id], branch.canGoOn, entries.insert(id).inserted else {
                throw reader.error("a branch that cannot go on")
            }
        }
        guard status == .running || ready.isEmpty && timeout == nil else {
            throw reader.error("an execution that has ended")
        }
        guard status == .running else { return }
        guard (branches[.root] != nil) == (eventCount > 0) else { throw reader.error("no branch") }
        for (id, branch) in branches {
            guard !branch.canGoOn || entries.contains(id) else {
                throw reader.error("a branch that is not in turn")
            }
            if let fork = forks[id] {
                guard !fork.running.isEmpty, fork.running.allSatisfy({ branches[$0]?.parent == id })
                else { throw reader.error("a fork of other branches") }
            }
            for timer in branch.timers {
                guard timers.updateValue(id, forKey: timer) == nil, timer != timeout,
                    timer.number <= lastNumber
                else { throw reader.error("a timer is there twice") }
            }
            if let task = branch.task ?? mapRuns[id]?.id {
                guard tasks.updateValue(id, forKey: task) == nil, task.number <= lastNumber else {
                    throw reader.error("a task is there twice")
                }
            }
        }
    }
}

extension Branch {
    fileprivate var canGoOn: Bool {
        switch phase {
        case .entering, .performing: true
        default: false
        }
    }

    fileprivate var timers: [TimerID] {
        switch phase {
        case .waiting(let timer), .retrying(let timer): [timer]
        case .task(let task): [task.timeout, task.heartbeat].compactMap { $0 }
        default: []
        }
    }

    fileprivate var task: TaskID? {
        switch phase {
        case .task(let task): task.id
        default: nil
        }
    }

    fileprivate func adopted(by fork: Fork) -> Branch {
        let item = fork.isMap ? MapItem(index: index, value: fork.items[index]) : nil
        var branch = Branch(
            parent: parent,
            index: index,
            item: item,
            state: state,
            input: inputSource == .fork ? item?.value ?? fork.input : input,
            inputSource: inputSource,
            variables: variables,
            phase: phase,
            lastEvent: lastEvent
        )
        branch.enteredEvent = enteredEvent
        branch.eventBefore = eventBefore
        branch.enteredTime = enteredTime
        branch.attempts = attempts
        return branch
    }
}
