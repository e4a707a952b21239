package import ShaleItems
internal import ShaleTables

// Aliases: names for versions, some of which share what comes by weights.

extension Functions {
    /// Makes an alias.
    ///
    /// - Parameters:
    ///   - given: `Name`, `FunctionVersion`, `Description`, `RoutingConfig`, checked by their shapes.
    ///   - name: The function.
    /// - Returns: Its description.
    /// - Throws: `.resourceNotFound`, `.resourceConflict`, `.invalidParameter`, `.service`.
    package func createAlias(_ given: Item, of name: String) async throws(FunctionError) -> Item {
        await turns.enter(name)
        defer { turns.leave(name) }
        let alias = given["Name"]?.stringValue ?? ""
        _ = try await function(name)
        guard try await part("alias#\(alias)", of: name) == nil else {
            throw FunctionError(
                .resourceConflict,
                "Alias already exists: \(resourceName(name, alias))"
            )
        }
        var fields = given
        fields["AliasArn"] = .string(resourceName(name, alias))
        if fields["Description"] == nil { fields["Description"] = "" }
        return try await writeAlias(fields, of: name)
    }

    /// Changes an alias.
    ///
    /// - Throws: `.resourceNotFound`, `.preconditionFailed`, `.invalidParameter`, `.service`.
    package func updateAlias(
        _ alias: String,
        of name: String,
        _ changes: Item,
        revision: String? = nil
    ) async throws(FunctionError) -> Item {
        await turns.enter(name)
        defer { turns.leave(name) }
        var fields = try await self.alias(alias, of: name)
        if let revision, fields["RevisionId"]?.stringValue != revision {
            throw FunctionError(
                .preconditionFailed,
                "The RevisionId provided does not match the latest RevisionId. Call the "
                    + "GetFunction/GetAlias API to retrieve the latest RevisionId"
            )
        }
        for (member, value) in changes { fields[member] = value }
        return try await writeAlias(fields, of: name)
    }

    /// An alias.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func alias(_ alias: String, of name: String) async throws(FunctionError) -> Item {
        guard let fields = try await part("alias#\(alias)", of: name) else {
            throw FunctionError(
                .resourceNotFound,
                "Cannot find alias arn: \(resourceName(name, alias))"
            )
        }
        return fields
    }

    /// The aliases of a function in the order of their names.
    ///
    /// - Throws: `.service`.
    package func aliases(of name: String) async throws(FunctionError) -> [Item] {
        try await stored { () async throws(DatabaseError) in
            try await self.registry.parts("alias#", of: name).map(\.fields)
        }
    }

    /// Deletes an alias; one that is not there is no error.
    ///
    /// - Throws: `.service`.
    package func deleteAlias(_ alias: String, of name: String) async throws(FunctionError) {
        await turns.enter(name)
        defer { turns.leave(name) }
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(
                name,
                deleting: ["alias#\(alias)", Self.provisionKey(alias)]
            )
        }
        try await refreshProvisions(name)
    }

    /// The versions that an alias leads to.
    static func versions(of alias: Item) -> [String] {
        let weights = alias["RoutingConfig"]?.mapValue?["AdditionalVersionWeights"]?.mapValue ?? [:]
        return [alias["FunctionVersion"]?.stringValue ?? "$LATEST"] + weights.names
    }

    private func writeAlias(_ given: Item, of name: String) async throws(FunctionError) -> Item {
        var fields = given
        let versions = Self.versions(of: fields)
        if versions.count > 1 {
            guard versions.count == 2, !versions.contains("$LATEST"), versions[0] != versions[1]
            else {
                throw FunctionError(
                    .invalidParameter,
                    "An alias routes to one more version besides its own, and neither may be $LATEST."
                )
            }
        } else {
            fields.remove("RoutingConfig")
        }
        for version in versions { _ = try await function(name, version) }
        fields["RevisionId"] = .string(database.makeUUID())
        let whole = fields
        let key = "alias#\(whole["Name"]?.stringValue ?? "")"
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(name, putting: [(key, whole)])
        }
        try await refreshProvisions(name)
        return whole
    }
}
