internal import ShaleEngine
internal import ShaleItems
internal import ShaleTables
internal import Synchronization

// Deleting state machines. One of whose executions run stays, as `DELETING`, until the last of them has ended; that it is to go
// is written, so that a start of the database goes on with it.

extension StateMachines {
    /// Finds an execution of a machine (by its `group`) that runs; nil where none does.
    package typealias FindRunning =
        @Sendable (_ group: String) async throws(StatesError) -> String?

    /// Deletes a state machine with its versions, aliases and tags; one that is not there is no error.
    ///
    /// A STANDARD machine stays until the last of its executions has ended, takes no new ones, and may not be changed. Its revisions
    /// stay for as long as executions need them.
    ///
    /// - Parameters:
    ///   - arn: The machine.
    ///   - running: Finds executions that run; without it there are none.
    /// - Throws: `.invalidArn`, `.validation` for a resource name of a version, of an alias or of a Map state, `.failed`.
    package func delete(
        _ arn: String,
        whileRunning running: FindRunning? = nil
    ) async throws(StatesError) {
        let name = try StatesARN(arn)
        try name.requireMachine()
        guard name.qualifier == nil else {
            throw StatesError(
                .validation,
                "A state machine is deleted by its own ARN, without a qualifier: \(arn.prefix(256))"
            )
        }
        guard try await mark(name, remainsToLook: running != nil), let running else { return }
        try await goOnDeleting(name.name, whileRunning: running)
    }

    /// Writes that a machine is to go, or deletes it at once where nothing can hold it.
    ///
    /// - Returns: Whether it is there, and an execution of it may run.
    private func mark(
        _ name: StatesARN,
        remainsToLook: Bool
    ) async throws(StatesError) -> Bool {
        await turn.take()
        defer { turn.give() }
        guard var machine = try await machine(name) else { return false }
        guard remainsToLook, machine.kind == .standard else {
            try await remove(machine)
            return false
        }
        if !machine.isDeleting {
            machine.isDeleting = true
            var writes = SystemWrites()
            writes.put(machine.item, in: table)
            try await write(writes, changing: machine.name)
        }
        deletions.withLock { $0.begin(machine.name) }
        return true
    }

    /// Looks whether an execution of a machine that is being deleted runs, and deletes it where none does.
    ///
    /// - Throws: `.failed`; it is to be looked again.
    package func goOnDeleting(
        _ machine: String,
        whileRunning running: FindRunning
    ) async throws(StatesError) {
        guard deletions.withLock({ $0.look(machine) }) else { return }
        do throws(StatesError) {
            let present = try await item(MachineFormat.machines, machine)
            while let group = present.flatMap(StateMachine.init)?.group,
                let execution = try await running(group)
            {
                if deletions.withLock({ $0.wait(for: execution, of: machine) }) { return }
            }
            try await finish(machine)
        } catch {
            deletions.withLock { $0.giveUpLook(machine) }
            throw error
        }
    }

    private func finish(_ name: String) async throws(StatesError) {
        await turn.take()
        defer { turn.give() }
        let present = try await item(MachineFormat.machines, name).flatMap(StateMachine.init)
        if let present, present.isDeleting { try await remove(present) }
        deletions.withLock { $0.end(name) }
    }

    /// Deletes a machine; for who has the turn.
    private func remove(_ machine: StateMachine) async throws(StatesError) {
        var writes = SystemWrites()
        writes.delete(MachineFormat.key(MachineFormat.machines, machine.name), from: table)
        writes.delete(MachineFormat.key(machine.name, MachineFormat.tags), from: table)
        for prefix in [MachineFormat.versions, MachineFormat.aliases] {
            for item in try await items(of: machine.name, prefix) {
                guard let what = item["what"]?.stringValue else { continue }
                writes.delete(MachineFormat.key(machine.name, what), from: table)
            }
        }
        let freed = try await revisions(of: machine.name)
        try await write(writes, changing: machine.name, freeing: freed)
        counts.withLock { $0.machines = $0.machines.map { $0 - 1 } }
    }

    // MARK: What executions ask and tell

    package func isBeingDeleted(_ machine: String) -> Bool {
        deletions.withLock { $0.holds(machine) }
    }

    package func ended(_ execution: String, of machine: String) -> Bool {
        deletions.withLock { $0.ended(execution, of: machine) }
    }

    /// Machines that are read at a time when a database is opened.
    private static let readAtATime = 1_000

    package func takeUpDeletions() async throws(StatesError) -> [String] {
        var found: [String] = []
        var last: String?
        while true {
            let page = try await machines(after: last, limit: Self.readAtATime)
            found += page.filter(\.isDeleting).map(\.name)
            guard page.count == Self.readAtATime else { break }
            last = page.last?.name
        }
        let names = found
        deletions.withLock { deletions in
            for name in names { deletions.begin(name) }
        }
        return names
    }
}
