internal import ShaleEngine
internal import ShaleItems
internal import ShaleTables

// Aliases: names for one version, or for two that share what begins by weights.

extension StateMachines {
    /// A version and its weight, as a client names them.
    package struct GivenRoute: Sendable, Equatable {
        package var arn: String
        package var weight: Int

        /// Puts a route together.
        package init(arn: String, weight: Int) {
            self.arn = arn
            self.weight = weight
        }
    }

    /// Makes an alias of the machine whose versions it leads to; the same once more is no error.
    ///
    /// - Returns: The alias, and its machine's name.
    /// - Throws: `.validation`, `.invalidArn`, `.resourceNotFound`, `.stateMachineDeleting`, `.conflict` where there is another
    ///   one of that name, `.serviceQuotaExceeded`, `.failed`.
    @discardableResult
    package func createAlias(
        _ name: String,
        description: String?,
        _ given: [GivenRoute]
    ) async throws(StatesError) -> (alias: MachineAlias, machine: String) {
        await turn.take()
        defer { turn.give() }
        let (routes, machine) = try await routes(given)
        let now = now
        let alias = MachineAlias(
            name: name,
            description: description,
            routes: routes,
            createdMilliseconds: now,
            updatedMilliseconds: now
        )
        let present = try await aliases(named: machine)
        if let same = present.first(where: { $0.name == name }) {
            guard same.routes == routes, isSame(same.description, description) else {
                throw StatesError(
                    .conflict,
                    "Failed to create alias because an alias with the same name and a different "
                        + "routing configuration already exists."
                )
            }
            return (same, machine)
        }
        guard present.count < StatesLimits.aliases else {
            throw StatesError(
                .serviceQuotaExceeded,
                "The state machine \(machine) has \(StatesLimits.aliases) aliases, which is the limit."
            )
        }
        var writes = SystemWrites()
        writes.put(alias.item(of: machine), in: table)
        try await write(writes, changing: machine)
        return (alias, machine)
    }

    /// Changes an alias; nil stays as it is.
    ///
    /// - Throws: `.validation`, `.invalidArn`, `.resourceNotFound`, `.stateMachineDeleting`, `.failed`.
    @discardableResult
    package func updateAlias(
        _ arn: String,
        description: String?,
        _ given: [GivenRoute]?
    ) async throws(StatesError) -> MachineAlias {
        await turn.take()
        defer { turn.give() }
        var (alias, machine) = try await describeAlias(arn)
        _ = try await active(resourceName(machine))
        if let given {
            let (routes, target) = try await routes(given)
            guard isSame(target, machine) else { throw Self.otherMachine(given) }
            alias.routes = routes
        }
        if let description { alias.description = description }
        alias.updatedMilliseconds = now
        var writes = SystemWrites()
        writes.put(alias.item(of: machine), in: table)
        try await write(writes, changing: machine)
        return alias
    }

    /// The alias of a resource name, and its machine's name.
    ///
    /// - Throws: `.invalidArn`, `.validation`, `.resourceNotFound`, `.failed`.
    package func describeAlias(
        _ arn: String
    ) async throws(StatesError) -> (alias: MachineAlias, machine: String) {
        let (name, qualifier) = try Self.aliasName(arn)
        guard let machine = try await machine(name),
            let alias = try await alias(qualifier, of: machine.name)
        else { throw Self.missingResource }
        return (alias, machine.name)
    }

    /// Deletes an alias; one that is not there is no error.
    ///
    /// - Throws: `.invalidArn`, `.validation`, `.failed`.
    package func deleteAlias(_ arn: String) async throws(StatesError) {
        let (name, qualifier) = try Self.aliasName(arn)
        await turn.take()
        defer { turn.give() }
        guard let machine = try await machine(name) else { return }
        var writes = SystemWrites()
        writes.delete(
            MachineFormat.key(machine.name, MachineFormat.alias(qualifier)),
            from: table
        )
        try await write(writes, changing: machine.name)
    }

    /// The aliases of a machine, or those that lead to one version of it, in the order of their names.
    ///
    /// - Parameters:
    ///   - arn: Of the machine, or of the version.
    ///   - last: Only those behind this name; nil is all.
    /// - Returns: The aliases.
    /// - Throws: `.stateMachineDoesNotExist`, `.stateMachineDeleting`, `.invalidArn`, `.failed`.
    package func aliases(
        of arn: String,
        after last: String? = nil
    ) async throws(StatesError) -> [MachineAlias] {
        let name = try StatesARN(arn)
        let isKnown = name.qualifier == nil || name.version != nil
        guard isKnown, let machine = try await machine(name) else { throw Self.missing(arn) }
        guard !machine.isDeleting else { throw Self.deleting(arn) }
        return try await aliases(named: machine.name).filter { alias in
            let isWanted = name.version.map { number in
                alias.routes.contains { $0.version == number }
            }
            return (isWanted ?? true) && (last.map { $0 < alias.name } ?? true)
        }
    }

    func aliases(named machine: String) async throws(StatesError) -> [MachineAlias] {
        try await items(of: machine, MachineFormat.aliases).compactMap(MachineAlias.init)
    }

    func alias(_ name: String, of machine: String) async throws(StatesError) -> MachineAlias? {
        try await item(machine, MachineFormat.alias(name)).flatMap(MachineAlias.init)
    }

    /// Checks where an alias is to lead.
    private func routes(
        _ given: [GivenRoute]
    ) async throws(StatesError) -> (routes: [MachineAlias.Route], machine: String) {
        let arns = given.map(\.arn)
        var names: [StatesARN] = []
        for arn in arns { names.append(try StatesARN(arn)) }
        guard names.allSatisfy({ $0.version != nil }) else {
            throw StatesError(
                .validation,
                "Routing configuration must contain state machine version ARNs. Received: "
                    + Self.list(arns)
            )
        }
        guard Set(arns).count == arns.count else {
            throw StatesError(
                .validation,
                "Routing configuration must contain distinct state machine version ARNs. "
                    + "Received: " + Self.list(arns)
            )
        }
        let weights = given.map(\.weight)
        guard weights.reduce(0, +) == 100 else {
            throw StatesError(
                .validation,
                "Sum of routing configuration weights must equal 100. Received: "
                    + Self.list(weights.map(String.init))
            )
        }
        guard let first = names.first, names.allSatisfy({ isSame($0.name, first.name) })
        else {
            throw Self.otherMachine(given)
        }
        var routes: [MachineAlias.Route] = []
        for (name, weight) in zip(names, weights) {
            guard let machine = try await machine(name), let number = name.version,
                try await version(number, of: machine.name) != nil
            else { throw Self.missingResource }
            guard !machine.isDeleting else { throw Self.deleting(resourceName(machine.name)) }
            routes.append(MachineAlias.Route(version: number, weight: weight))
        }
        return (routes, first.name)
    }

    private static func aliasName(
        _ arn: String
    ) throws(StatesError) -> (name: StatesARN, qualifier: String) {
        let name = try StatesARN(arn)
        guard let qualifier = name.qualifier, name.version == nil else {
            throw StatesError(.validation, "This is no ARN of an alias: \(arn.prefix(256))")
        }
        return (name, qualifier)
    }

    private static func otherMachine(_ given: [GivenRoute]) -> StatesError {
        StatesError(
            .validation,
            "Routing configuration must contain versions of one state machine. Received: "
                + list(given.map(\.arn))
        )
    }

    private static func list(_ texts: [String]) -> String {
        "[" + texts.joined(separator: ", ") + "]"
    }

    private static let missingResource = StatesError(
        .resourceNotFound,
        "Request references a resource that does not exist."
    )
}
