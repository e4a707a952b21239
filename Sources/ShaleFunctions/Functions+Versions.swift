internal import ShaleItems
internal import ShaleTables

// Versions: what a function was when it was published, with a number, code and settings that never change.

extension Functions {
    private static let countName = "#versions"
    /// The function's description, in a version that has another.
    private static let ownDescriptionName = "#description"

    /// Publishes a function as it is now; what has not changed since the last version is that version.
    ///
    /// - Parameters:
    ///   - name: The function.
    ///   - description: What the version is told to be; nil is the function's.
    ///   - digest: The SHA-256 that the code must have; nil is any.
    ///   - revision: The revision that the function must have; nil is any.
    /// - Returns: The version.
    /// - Throws: `.resourceNotFound`, `.preconditionFailed`, `.resourceConflict`, `.invalidParameter`, `.service`.
    package func publish(
        _ name: String,
        description: String? = nil,
        digest: [UInt8]? = nil,
        revision: String? = nil
    ) async throws(FunctionError) -> FunctionConfiguration {
        await turns.enter(name)
        defer { turns.leave(name) }
        let latest = try await changeable(name, revision)
        try requireCode(latest, "Publishing a version of it")
        if let digest, latest.fields["CodeSha256"]?.binaryValue != digest {
            throw FunctionError(
                .invalidParameter,
                "CodeSHA256 is different from current CodeSHA256 in $LATEST. Please try again with "
                    + "the CodeSHA256 in $LATEST."
            )
        }
        let count = latest.fields[Self.countName]?.numberValue?.intValue ?? 0
        let wanted = Self.published(latest.fields)
        if count > 0,
            let last = try await part(FunctionRegistry.versionKey(String(count)), of: name),
            Self.published(last) == wanted
        {
            return FunctionConfiguration(last)
        }
        let number = String(count + 1)
        var fields = wanted
        if let description {
            fields[Self.ownDescriptionName] = fields["Description"]
            fields["Description"] = .string(description)
        }
        fields["Version"] = .string(number)
        fields["FunctionArn"] = .string(resourceName(name, number))
        touch(&fields)
        var counted = latest.fields
        counted[Self.countName] = .number(Number(count + 1))
        let user = "\(name):\(number)"
        let all = counted
        let version = fields
        // The use of the code first: a crash leaves code that nobody needs, and no version without code.
        try await hold(latest.layerIdentities, for: Self.layerUser(version))
        try await stored { () async throws(DatabaseError) in
            try await self.code.use(latest.codeIdentity, by: user)
            try await self.registry.write(
                name,
                putting: [
                    (FunctionRegistry.versionKey(number), version), ("function", all),
                ]
            )
        }
        return FunctionConfiguration(version)
    }

    /// What of a function, or of a version of it, makes a version: not what each change draws anew, nor what a
    /// version alone is told to be.
    private static func published(_ given: Item) -> Item {
        var fields = given
        for name in ["Version", "FunctionArn", "RevisionId", "LastModified", countName] {
            fields.remove(name)
        }
        if let own = fields.remove(ownDescriptionName) { fields["Description"] = own }
        return fields
    }

    /// Deletes a version that no alias stands for.
    ///
    /// - Throws: `.resourceNotFound`, `.resourceConflict`, `.invalidParameter`, `.service`.
    package func deleteVersion(_ version: String, of name: String) async throws(FunctionError) {
        await turns.enter(name)
        defer { turns.leave(name) }
        guard version != "$LATEST" else {
            throw FunctionError(
                .invalidParameter,
                "$LATEST version cannot be deleted without deleting the function."
            )
        }
        let key = FunctionRegistry.versionKey(version)
        guard let fields = try await part(key, of: name) else { throw missing(name, version) }
        let users = try await aliases(of: name).filter { Self.versions(of: $0).contains(version) }
        guard users.isEmpty else {
            let names = users.compactMap { $0["Name"]?.stringValue }.joined(separator: ", ")
            throw FunctionError(
                .resourceConflict,
                "Version \(version) is used by the aliases [\(names)] of \(name). Point them to "
                    + "another version, or delete them, and try again."
            )
        }
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(name, deleting: [key, Self.provisionKey(version)])
        }
        try await refreshProvisions(name)
        retire(name, version)
        try await letGo(FunctionConfiguration(fields))
        try await release(FunctionConfiguration(fields).codeIdentity, of: "\(name):\(version)")
    }

    /// A part of a function.
    func part(_ what: String, of name: String) async throws(FunctionError) -> Item? {
        try await stored { () async throws(DatabaseError) in
            try await self.registry.part(what, of: name)
        }
    }
}
