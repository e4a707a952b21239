internal import ShaleItems
internal import ShalePlatform
package import ShaleStates
internal import ShaleTables
internal import Synchronization

// What resource names stand for, and what revisions are.

extension StateMachines {
    /// What a resource name of a machine, a version or an alias stands for; an alias chooses by weight.
    ///
    /// - Returns: What an execution begins with.
    /// - Throws: `.stateMachineDoesNotExist`, `.stateMachineDeleting`, `.invalidArn`, `.validation` for a distributed Map,
    ///   `.failed`.
    package func resolve(_ arn: String) async throws(StatesError) -> ResolvedMachine {
        if let known = known(arn) { return known }
        let changes = cache.withLock { $0.changes }
        let name = try StatesARN(arn)
        try name.requireMachine()
        guard let machine = try await machine(name) else { throw Self.missing(arn) }
        guard !machine.isDeleting else { throw Self.deleting(arn) }
        let place = try await place(of: machine, name, arn)
        cache.withLock { $0.keep(place, as: arn, since: changes) }
        return choose(place)
    }

    /// The same where it is in memory.
    package func known(_ arn: String) -> ResolvedMachine? {
        cache.withLock { $0.place(arn) }.map(choose)
    }

    private func choose(_ place: MachineCache.Place) -> ResolvedMachine {
        guard place.choices.count > 1 else { return place.choices[0].machine }
        return place.choice(at: Int(world.randomness.next() % 100))
    }

    private func place(
        of machine: StateMachine,
        _ name: StatesARN,
        _ arn: String
    ) async throws(StatesError) -> MachineCache.Place {
        guard let qualifier = name.qualifier else {
            let choice = try await choice(machine, machine.revision, weight: 100)
            return MachineCache.Place(machine: machine.name, choices: [choice])
        }
        var routes = [MachineAlias.Route(version: name.version ?? 0, weight: 100)]
        if name.version == nil {
            guard let alias = try await alias(qualifier, of: machine.name) else {
                throw Self.missing(arn)
            }
            routes = alias.routes
        }
        var choices: [MachineCache.Place.Choice] = []
        for route in routes {
            guard let version = try await version(route.version, of: machine.name) else {
                throw Self.missing(arn)
            }
            var choice = try await choice(machine, version.revision, weight: route.weight)
            choice.machine.versionARN = resourceName(machine.name, String(version.number))
            if name.version == nil { choice.machine.aliasARN = arn }
            choices.append(choice)
        }
        return MachineCache.Place(machine: machine.name, choices: choices)
    }

    private func choice(
        _ machine: StateMachine,
        _ id: String,
        weight: Int
    ) async throws(StatesError) -> MachineCache.Place.Choice {
        let revision = try await revision(id, of: machine.name)
        let logging = revision.settings.logging
        let resolved = ResolvedMachine(
            name: machine.name,
            arn: resourceName(machine.name),
            identity: machine.identity,
            revision: id,
            kind: machine.kind,
            roleARN: revision.settings.roleARN,
            logging: logging["level"]?.stringValue == "OFF" ? nil : logging,
            program: try program(of: revision)
        )
        return MachineCache.Place.Choice(
            machine: resolved,
            weight: weight,
            definitionBytes: revision.settings.definition.utf8.count
        )
    }

    /// The program of a revision, for an execution that goes on: also where the machine is deleted.
    ///
    /// - Parameters:
    ///   - machine: Its name.
    ///   - revision: `ResolvedMachine.revision`.
    /// - Returns: The program.
    /// - Throws: `.stateMachineDoesNotExist` where there never was such a revision, `.failed` where it is damaged.
    package func program(
        machine: String,
        revision: String
    ) async throws(StatesError) -> StateMachineProgram {
        if let program = cache.withLock({ $0.program(revision) }) { return program }
        return try program(of: try await self.revision(revision, of: machine))
    }

    private func program(of revision: MachineRevision) throws(StatesError) -> StateMachineProgram {
        if let program = cache.withLock({ $0.program(revision.id) }) { return program }
        let program: StateMachineProgram
        do throws(DefinitionError) {
            program = try StateMachineProgram.parse(revision.settings.definition)
        } catch {
            // It was read once before it was kept.
            throw StatesError(
                .failed,
                "The definition of revision \(revision.id) cannot be read: \(error.reason)"
            )
        }
        keep(program, of: revision)
        return program
    }

    func keep(_ program: StateMachineProgram, of revision: MachineRevision) {
        let bytes = revision.settings.definition.utf8.count
        cache.withLock { $0.keep(program, as: revision.id, definitionBytes: bytes) }
    }

    /// A revision of a machine: also where the machine is deleted.
    ///
    /// - Throws: `.stateMachineDoesNotExist` where there never was one, `.failed` where it is damaged.
    package func revision(
        _ id: String,
        of machine: String
    ) async throws(StatesError) -> MachineRevision {
        guard let item = try await item(machine, MachineFormat.revision(id)) else {
            throw Self.missing(resourceName(machine))
        }
        let pieces = try await items(of: machine, MachineFormat.pieces(id))
        guard let revision = MachineRevision(item, id: id, pieces: pieces) else {
            throw StatesError(.failed, "Revision \(id) of \(machine) is not whole.")
        }
        return revision
    }

    /// The machine that a resource name is of; nil where there is none, or where it is of another region or account.
    ///
    /// - Throws: `.failed`.
    package func machine(_ name: StatesARN) async throws(StatesError) -> StateMachine? {
        guard name.region == region, name.account == account else { return nil }
        return try await item(MachineFormat.machines, name.name).flatMap(StateMachine.init)
    }

    /// The machine of a resource name without a qualifier.
    ///
    /// - Throws: `.stateMachineDoesNotExist`, `.invalidArn`, `.validation` for a distributed Map, `.failed`.
    package func existing(_ arn: String) async throws(StatesError) -> StateMachine {
        let name = try StatesARN(arn)
        try name.requireMachine()
        guard name.qualifier == nil, let machine = try await machine(name) else {
            throw Self.missing(arn)
        }
        return machine
    }

    /// The same, where it is not being deleted.
    ///
    /// - Throws: `.stateMachineDoesNotExist`, `.stateMachineDeleting`, `.invalidArn`, `.failed`.
    func active(_ arn: String) async throws(StatesError) -> StateMachine {
        let machine = try await existing(arn)
        guard !machine.isDeleting else { throw Self.deleting(arn) }
        return machine
    }

    /// The machine of a resource name, or the one whose version or alias it is of; also while it is deleted.
    ///
    /// - Throws: `.stateMachineDoesNotExist`, `.invalidArn`, `.failed`.
    package func owner(of arn: String) async throws(StatesError) -> StateMachine {
        let name = try StatesARN(arn)
        guard let machine = try await machine(name) else { throw Self.missing(arn) }
        guard let qualifier = name.qualifier else { return machine }
        let isThere =
            if let number = name.version {
                try await version(number, of: machine.name) != nil
            } else {
                try await alias(qualifier, of: machine.name) != nil
            }
        guard isThere else { throw Self.missing(arn) }
        return machine
    }

    /// What a resource name of a machine, of a version or of a distributed Map is told to be.
    ///
    /// - Returns: The machine, the revision, and the version where one was named.
    /// - Throws: `.stateMachineDoesNotExist`, `.invalidArn`, `.failed`.
    package func describe(
        _ arn: String
    ) async throws(StatesError) -> (
        machine: StateMachine, revision: MachineRevision, version: MachineVersion?
    ) {
        let name = try StatesARN(arn)
        if let label = name.label { return try await describe(name, label, arn) }
        guard let machine = try await machine(name) else { throw Self.missing(arn) }
        var version: MachineVersion?
        if name.qualifier != nil {
            guard let number = name.version,
                let found = try await self.version(number, of: machine.name)
            else { throw Self.missing(arn) }
            version = found
        }
        let id = version?.revision ?? machine.revision
        return (machine, try await revision(id, of: machine.name), version)
    }

    /// The machine that has a distributed Map of a label.
    private func describe(
        _ name: StatesARN,
        _ label: String,
        _ arn: String
    ) async throws(StatesError) -> (
        machine: StateMachine, revision: MachineRevision, version: MachineVersion?
    ) {
        let owner = resourceName(name.machineName)
        guard name.qualifier == nil, let machine = try await machine(try StatesARN(owner)) else {
            throw Self.missing(arn)
        }
        let revision = try await revision(machine.revision, of: machine.name)
        guard try program(of: revision).hasMap(label: label) else { throw Self.missing(arn) }
        return (machine, revision, nil)
    }

    /// The machines behind one, in the order of their names.
    ///
    /// - Throws: `.failed`.
    package func machines(
        after last: String? = nil,
        limit: Int = .max
    ) async throws(StatesError) -> [StateMachine] {
        let from: AttributeValue? = last.map { .string($0 + "\u{0}") }
        let items = try await stored { () async throws(DatabaseError) in
            try await table.items(
                of: .string(MachineFormat.machines),
                in: (from: from, to: nil),
                limit: limit
            )
        }
        return items.compactMap(StateMachine.init)
    }

    static func deleting(_ arn: String) -> StatesError {
        StatesError(
            .stateMachineDeleting,
            "State Machine is being deleted: '\(arn.prefix(256))'"
        )
    }

    static func missing(_ arn: String) -> StatesError {
        StatesError(
            .stateMachineDoesNotExist,
            "State Machine Does Not Exist: '\(arn.prefix(256))'"
        )
    }
}
