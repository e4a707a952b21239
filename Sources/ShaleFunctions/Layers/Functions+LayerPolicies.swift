package import ShaleItems
internal import ShaleTables

// Who may use a version of a layer: statements that are kept and told, and not enforced.

extension Functions {
    /// The statements at a version of a layer.
    ///
    /// - Throws: `.resourceNotFound` where there are none, `.service`.
    package func layerPolicy(
        of number: Int,
        of layer: String
    ) async throws(FunctionError) -> Policy {
        _ = try await layerVersion(number, of: layer)
        guard let policy = try await keptPolicy(number, layer) else {
            throw FunctionError(
                .resourceNotFound,
                "No policy is associated with the given resource."
            )
        }
        return policy
    }

    /// Adds a statement.
    ///
    /// - Returns: The new revision.
    /// - Throws: `.resourceConflict` where its identity is there, `.preconditionFailed`, `.resourceNotFound`, `.service`.
    package func addStatement(
        _ statement: Item,
        toLayer layer: String,
        _ number: Int,
        revision: String? = nil
    ) async throws(FunctionError) -> String {
        let turn = layerName(layer, number)
        await turns.enter(turn)
        defer { turns.leave(turn) }
        var statements = try await checkedLayer(layer, number, revision)
        try statements.add(statement: statement)
        return try await writeLayerPolicy(statements, layer, number)
    }

    /// Takes a statement away.
    ///
    /// - Throws: `.resourceNotFound`, `.preconditionFailed`, `.service`.
    package func removeStatement(
        _ identity: String,
        fromLayer layer: String,
        _ number: Int,
        revision: String? = nil
    ) async throws(FunctionError) {
        let turn = layerName(layer, number)
        await turns.enter(turn)
        defer { turns.leave(turn) }
        var statements = try await checkedLayer(layer, number, revision)
        try statements.remove(statement: identity)
        _ = try await writeLayerPolicy(statements, layer, number)
    }

    private func keptPolicy(_ number: Int, _ layer: String) async throws(FunctionError) -> Policy? {
        let fields = try await stored { () async throws(DatabaseError) in
            try await self.layers.policy(of: number, of: layer)
        }
        guard let fields else { return nil }
        return Policy(
            statements: fields["Statement"]?.listValue?.compactMap(\.mapValue) ?? [],
            revision: fields["RevisionId"]?.stringValue ?? ""
        )
    }

    private func checkedLayer(
        _ layer: String,
        _ number: Int,
        _ revision: String?
    ) async throws(FunctionError) -> [Item] {
        _ = try await layerVersion(number, of: layer)
        let policy = try await keptPolicy(number, layer)
        if let revision, revision != policy?.revision {
            throw FunctionError(
                .preconditionFailed,
                "The RevisionId provided does not match the latest RevisionId. Call the "
                    + "GetLayerVersionPolicy API to retrieve the latest RevisionId"
            )
        }
        return policy?.statements ?? []
    }

    private func writeLayerPolicy(
        _ statements: [Item],
        _ layer: String,
        _ number: Int
    ) async throws(FunctionError) -> String {
        let revision = database.makeUUID()
        let fields: Item = [
            "Statement": .list(statements.map(AttributeValue.map)),
            "RevisionId": .string(revision),
        ]
        try await stored { () async throws(DatabaseError) in
            try await self.layers.setPolicy(
                statements.isEmpty ? nil : fields,
                of: number,
                of: layer
            )
        }
        return revision
    }
}
