package import ShaleItems
internal import ShaleTables

// Who may invoke a function: statements that are kept and told, and not enforced; tags.

extension Functions {
    /// The statements at a function, or at a version or alias of it, with their revision.
    package struct Policy: Sendable, Equatable {
        /// In the order in which they came.
        package var statements: [Item]
        /// Changes with each change.
        package var revision: String
    }

    /// The statements; nil where there are none.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func policy(
        of name: String,
        _ qualifier: String?
    ) async throws(FunctionError) -> Policy? {
        _ = try await function(name, qualifier)
        guard let fields = try await part(Self.policyKey(qualifier), of: name) else { return nil }
        return Policy(
            statements: fields["Statement"]?.listValue?.compactMap(\.mapValue) ?? [],
            revision: fields["RevisionId"]?.stringValue ?? ""
        )
    }

    /// Adds a statement.
    ///
    /// - Throws: `.resourceConflict` where its identity is there, `.preconditionFailed`, `.resourceNotFound`, `.service`.
    package func addStatement(
        _ statement: Item,
        to name: String,
        _ qualifier: String?,
        revision: String? = nil
    ) async throws(FunctionError) {
        await turns.enter(name)
        defer { turns.leave(name) }
        var statements = try await checked(name, qualifier, revision)
        try statements.add(statement: statement)
        try await writePolicy(statements, of: name, qualifier)
    }

    /// Takes a statement away.
    ///
    /// - Throws: `.resourceNotFound`, `.preconditionFailed`, `.service`.
    package func removeStatement(
        _ identity: String,
        from name: String,
        _ qualifier: String?,
        revision: String? = nil
    ) async throws(FunctionError) {
        await turns.enter(name)
        defer { turns.leave(name) }
        var statements = try await checked(name, qualifier, revision)
        try statements.remove(statement: identity)
        try await writePolicy(statements, of: name, qualifier)
    }

    private func checked(
        _ name: String,
        _ qualifier: String?,
        _ revision: String?
    ) async throws(FunctionError) -> [Item] {
        let policy = try await policy(of: name, qualifier)
        if let revision, revision != policy?.revision {
            throw FunctionError(
                .preconditionFailed,
                "The RevisionId provided does not match the latest RevisionId. Call the GetPolicy "
                    + "API to retrieve the latest RevisionId"
            )
        }
        return policy?.statements ?? []
    }

    private func writePolicy(
        _ statements: [Item],
        of name: String,
        _ qualifier: String?
    ) async throws(FunctionError) {
        let key = Self.policyKey(qualifier)
        let fields: Item = [
            "Statement": .list(statements.map(AttributeValue.map)),
            "RevisionId": .string(database.makeUUID()),
        ]
        try await stored { () async throws(DatabaseError) in
            if statements.isEmpty {
                try await self.registry.write(name, deleting: [key])
            } else {
                try await self.registry.write(name, putting: [(key, fields)])
            }
        }
    }

    private static func policyKey(_ qualifier: String?) -> String {
        "policy#\(qualifier == "$LATEST" ? "" : qualifier ?? "")"
    }

    /// The tags of a function.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func tags(of name: String) async throws(FunctionError) -> Item {
        _ = try await function(name)
        return try await part("tags", of: name) ?? [:]
    }

    /// Adds tags to a function, and takes others away.
    ///
    /// - Throws: `.resourceNotFound`, `.invalidParameter` beyond 50, `.service`.
    package func tag(
        _ name: String,
        adding tags: Item = [:],
        removing gone: [String] = []
    ) async throws(FunctionError) {
        await turns.enter(name)
        defer { turns.leave(name) }
        var all = try await self.tags(of: name)
        for (tag, value) in tags { all[tag] = value }
        for tag in gone { all.remove(tag) }
        guard all.count <= FunctionLimits.tags else {
            throw FunctionError(
                .invalidParameter,
                "A function has at most \(FunctionLimits.tags) tags."
            )
        }
        let kept = all
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(name, putting: [("tags", kept)])
        }
    }
}
