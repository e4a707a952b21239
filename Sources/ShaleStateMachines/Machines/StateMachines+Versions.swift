internal import ShaleEngine
internal import ShaleItems
internal import ShaleTables

// Versions: revisions with a number.

extension StateMachines {
    /// What clients call the revision that a machine was made with.
    package static let firstRevision = "INITIAL"

    /// Publishes a state machine as it is now; what is published already is that version.
    ///
    /// - Parameters:
    ///   - arn: The machine.
    ///   - revision: The revision that it must have; nil is any, `INITIAL` the one that it was made with.
    ///   - description: What the version is told to be.
    /// - Returns: The version.
    /// - Throws: `.stateMachineDoesNotExist`, `.stateMachineDeleting`, `.invalidArn`, `.conflict`, `.serviceQuotaExceeded`,
    ///   `.failed`.
    @discardableResult
    package func publish(
        _ arn: String,
        revision: String? = nil,
        description: String? = nil
    ) async throws(StatesError) -> MachineVersion {
        await turn.take()
        defer { turn.give() }
        let machine = try await active(arn)
        if let revision {
            let present = try await self.revision(machine.revision, of: machine.name)
            let told = present.toldID ?? Self.firstRevision
            guard revision == told else {
                throw StatesError(
                    .conflict,
                    "Failed to publish the State Machine version for revision "
                        + "\(revision.prefix(256)). The current State Machine revision is \(told)."
                )
            }
        }
        return try await published(machine, description)
    }

    /// The version of a machine's revision, which is made where it is not there; for who has the turn.
    func published(
        _ machine: StateMachine,
        _ description: String?
    ) async throws(StatesError) -> MachineVersion {
        if let number = machine.published, let version = try await version(number, of: machine.name)
        {
            return version
        }
        try await requireRoomForVersion(of: machine.name)
        var machine = machine
        var writes = SystemWrites()
        let version = publish(&machine, description, &writes)
        writes.put(machine.item, in: table)
        try await write(writes, changing: machine.name)
        return version
    }

    /// Gives the machine's revision the next number.
    func publish(
        _ machine: inout StateMachine,
        _ description: String?,
        _ writes: inout SystemWrites
    ) -> MachineVersion {
        machine.lastVersion += 1
        machine.published = machine.lastVersion
        let version = MachineVersion(
            number: machine.lastVersion,
            revision: machine.revision,
            description: description,
            createdMilliseconds: now
        )
        writes.put(version.item(of: machine.name), in: table)
        return version
    }

    func requireRoomForVersion(of machine: String) async throws(StatesError) {
        let count = try await items(of: machine, MachineFormat.versions).count
        guard count < StatesLimits.versions else {
            throw StatesError(
                .serviceQuotaExceeded,
                "The state machine \(machine) has \(StatesLimits.versions) versions, which is the "
                    + "limit; delete one that nobody needs."
            )
        }
    }

    /// A version of a machine; nil where there is none.
    ///
    /// - Throws: `.failed`.
    package func version(
        _ number: Int,
        of machine: String
    ) async throws(StatesError) -> MachineVersion? {
        try await item(machine, MachineFormat.version(number)).flatMap(MachineVersion.init)
    }

    /// The versions of a machine, the last one first.
    ///
    /// - Parameters:
    ///   - arn: The machine.
    ///   - last: Only those before this number; nil is all.
    ///   - limit: The most.
    /// - Returns: The versions.
    /// - Throws: `.stateMachineDoesNotExist`, `.invalidArn`, `.failed`.
    package func versions(
        of arn: String,
        before last: Int? = nil,
        limit: Int = .max
    ) async throws(StatesError) -> [MachineVersion] {
        let machine = try await existing(arn)
        return try await items(
            of: machine.name,
            MachineFormat.versions,
            beyond: last.map(MachineFormat.version),
            limit: limit,
            .descending
        ).compactMap(MachineVersion.init)
    }

    /// Deletes a version that no alias stands for; one that is not there is no error.
    ///
    /// - Throws: `.invalidArn`, `.validation`, `.conflict`, `.failed`.
    package func deleteVersion(_ arn: String) async throws(StatesError) {
        let name = try StatesARN(arn)
        guard let number = name.version else {
            throw StatesError(.validation, "This is no ARN of a version: \(arn.prefix(256))")
        }
        await turn.take()
        defer { turn.give() }
        guard var machine = try await machine(name),
            let version = try await version(number, of: machine.name)
        else { return }
        let users = try await aliases(named: machine.name).filter { alias in
            alias.routes.contains { $0.version == number }
        }
        guard users.isEmpty else {
            let names = users.map(\.name).joined(separator: ", ")
            throw StatesError(
                .conflict,
                "Version to be deleted must not be referenced by an alias. Current list of aliases "
                    + "referencing this version: [\(names)]"
            )
        }
        var writes = SystemWrites()
        writes.delete(
            MachineFormat.key(machine.name, MachineFormat.version(number)),
            from: table
        )
        if machine.published == number {
            machine.published = nil
            writes.put(machine.item, in: table)
        }
        let freed = version.revision == machine.revision ? [] : [version.revision]
        try await write(writes, changing: machine.name, freeing: freed)
    }
}
