internal import ShaleEngine
package import ShaleItems
internal import ShaleStates
internal import ShaleTables
internal import Synchronization

// Making and changing state machines.

extension StateMachines {
    /// What a state machine is made from.
    package struct New: Sendable {
        package var name: String
        package var kind: ResolvedMachine.Kind
        package var settings: MachineSettings
        /// Texts by name.
        package var tags: Item = [:]
        /// Whether the first revision is published as version 1.
        package var isPublished = false
        /// What that version is told to be.
        package var description: String?

        /// Puts it together.
        package init(name: String, kind: ResolvedMachine.Kind, settings: MachineSettings) {
            self.name = name
            self.kind = kind
            self.settings = settings
        }
    }

    /// What of a state machine is to be another; nil stays as it is.
    package struct Change: Sendable {
        package var definition: String?
        package var roleARN: String?
        package var logging: Item?
        package var isTraced: Bool?
        /// Whether the revision is published as a version.
        package var isPublished = false
        /// What that version is told to be.
        package var description: String?

        /// Changes nothing yet.
        package init() {}

        func applied(to settings: MachineSettings) -> MachineSettings {
            MachineSettings(
                definition: definition ?? settings.definition,
                roleARN: roleARN ?? settings.roleARN,
                logging: logging ?? settings.logging,
                isTraced: isTraced ?? settings.isTraced
            )
        }
    }

    /// Makes a state machine; where the same one is there already, that is the answer.
    ///
    /// Another role and other tags than those of the one that is there are passed over, as the service does.
    ///
    /// - Returns: The machine, and its version where it is published.
    /// - Throws: `.invalidName`, `.invalidDefinition`, `.invalidLoggingConfiguration`, `.tooManyTags`, `.validation`,
    ///   `.stateMachineAlreadyExists`, `.stateMachineDeleting`, `.stateMachineLimitExceeded`, `.failed`.
    @discardableResult
    package func create(
        _ new: New
    ) async throws(StatesError) -> (machine: StateMachine, version: MachineVersion?) {
        try StatesName.check(new.name)
        try Self.check(new.description, new.isPublished)
        try LoggingRules.check(new.settings.logging)
        try Self.checkTags(new.tags, of: resourceName(new.name))
        let program = try DefinitionRules.program(
            of: new.settings.definition,
            new.kind,
            actions: tableActions
        )
        await turn.take()
        defer { turn.give() }
        let arn = resourceName(new.name)
        if let present = try await machine(try StatesARN(arn)) {
            guard !present.isDeleting else { throw Self.deleting(arn) }
            return try await repeated(new, present)
        }
        try await requireRoomForMachine()
        let revision = MachineRevision(
            id: database.makeUUID(),
            isFirst: true,
            createdMilliseconds: now,
            machineIdentity: database.makeUUID(),
            settings: new.settings
        )
        var machine = StateMachine(
            name: new.name,
            kind: new.kind,
            createdMilliseconds: revision.createdMilliseconds,
            identity: revision.machineIdentity,
            revision: revision.id
        )
        machine.wasPublished = new.isPublished
        machine.firstDescription = new.description
        var writes = SystemWrites()
        for item in revision.items(of: new.name) { writes.put(item, in: table) }
        if !new.tags.isEmpty { writes.put(tagItem(new.tags, new.name), in: table) }
        var version: MachineVersion?
        if new.isPublished {
            version = publish(&machine, new.description, &writes)
        }
        writes.put(machine.item, in: table)
        try await write(writes, changing: new.name)
        counts.withLock { $0.machines = $0.machines.map { $0 + 1 } }
        keep(program, of: revision)
        return (machine, version)
    }

    /// A creation of a machine that is there.
    private func repeated(
        _ new: New,
        _ present: StateMachine
    ) async throws(StatesError) -> (machine: StateMachine, version: MachineVersion?) {
        let settings = try await revision(present.revision, of: new.name).settings
        var wanted = new.settings
        wanted.roleARN = settings.roleARN
        guard wanted == settings, present.kind == new.kind,
            present.wasPublished == new.isPublished,
            isSame(present.firstDescription, new.description)
        else {
            throw StatesError(
                .stateMachineAlreadyExists,
                "State Machine Already Exists: '\(resourceName(new.name))'"
            )
        }
        guard new.isPublished else { return (present, nil) }
        return (present, try await published(present, new.description))
    }

    /// Changes a state machine: a new revision, unless everything is as it was.
    ///
    /// Executions that run go on with the revision that they began with.
    ///
    /// - Returns: The revision, when the change was, and the version where one was asked for.
    /// - Throws: `.stateMachineDoesNotExist`, `.stateMachineDeleting`, `.invalidArn`, `.invalidDefinition`,
    ///   `.invalidLoggingConfiguration`, `.validation`, `.serviceQuotaExceeded` beyond 1,000 versions, `.failed`.
    @discardableResult
    package func update(
        _ arn: String,
        _ change: Change
    ) async throws(StatesError) -> (
        revision: MachineRevision, milliseconds: Int64, version: MachineVersion?
    ) {
        try Self.check(change.description, change.isPublished)
        if let logging = change.logging { try LoggingRules.check(logging) }
        await turn.take()
        defer { turn.give() }
        var machine = try await active(arn)
        let present = try await revision(machine.revision, of: machine.name)
        let settings = change.applied(to: present.settings)
        let now = now
        guard settings != present.settings else {
            guard change.isPublished else { return (present, now, nil) }
            return (present, now, try await published(machine, change.description))
        }
        let program = try DefinitionRules.program(
            of: settings.definition,
            machine.kind,
            actions: tableActions
        )
        let revision = MachineRevision(
            id: database.makeUUID(),
            isFirst: false,
            createdMilliseconds: now,
            machineIdentity: machine.identity,
            settings: settings
        )
        // One that is published stays with its version.
        let isFreed = machine.published == nil
        machine.revision = revision.id
        machine.published = nil
        var writes = SystemWrites()
        for item in revision.items(of: machine.name) { writes.put(item, in: table) }
        var version: MachineVersion?
        if change.isPublished {
            try await requireRoomForVersion(of: machine.name)
            version = publish(&machine, change.description, &writes)
        }
        writes.put(machine.item, in: table)
        try await write(writes, changing: machine.name, freeing: isFreed ? [present.id] : [])
        keep(program, of: revision)
        return (revision, now, version)
    }

    /// Whether two texts are the same bytes.
    func isSame(_ left: String?, _ right: String?) -> Bool {
        left.map { Array($0.utf8) } == right.map { Array($0.utf8) }
    }

    private func requireRoomForMachine() async throws(StatesError) {
        var known = counts.withLock { $0.machines }
        if known == nil {
            known = try await machines().count
            let counted = known
            counts.withLock { $0.machines = counted }
        }
        guard let known, known < StatesLimits.machines else {
            throw StatesError(
                .stateMachineLimitExceeded,
                "There are \(StatesLimits.machines) state machines, which is the limit."
            )
        }
    }

    private static func check(_ description: String?, _ isPublished: Bool) throws(StatesError) {
        guard isPublished || description == nil else {
            throw StatesError(
                .validation,
                "Version description can only be set when publish is true"
            )
        }
    }
}
