package import ShaleItems
internal import ShalePlatform
internal import ShaleTables

// Layers: archives with numbers, which functions name. What a function names stays for it when the version is deleted.

extension Functions {
    /// Under this name, one after another, layers are changed and functions take hold of them.
    private static let layerTurn = "#layers"

    /// The resource name of a layer, or of a version of it.
    package func layerName(_ layer: String, _ number: Int? = nil) -> String {
        "arn:aws:lambda:\(region):\(account):layer:\(layer)" + (number.map { ":\($0)" } ?? "")
    }

    /// The name and the number within a layer's resource name, or a name alone; nil where it is of another place.
    package func layer(named text: String) -> (name: String, number: Int?)? {
        let parts = text.split(separator: ":", omittingEmptySubsequences: false).map(String.init)
        if parts.count == 1 { return (text, nil) }
        guard [7, 8].contains(parts.count), text.hasPrefix(layerName(parts[6])) else { return nil }
        if parts.count == 7 { return (parts[6], nil) }
        guard let number = Int(parts[7]), number > 0 else { return nil }
        return (parts[6], number)
    }

    /// Makes a version of a layer.
    ///
    /// - Parameters:
    ///   - layer: Its name.
    ///   - given: What the client said, with the service's names.
    ///   - archive: Its files, a zip.
    /// - Returns: Its description.
    /// - Throws: `.invalidParameter`, `.service`.
    package func publishLayer(
        _ layer: String,
        _ given: Item,
        archive: [UInt8]
    ) async throws(FunctionError) -> LayerVersion {
        let unzipped = try await host.unzippedBytes(archive)
        await turns.enter(Self.layerTurn)
        defer { turns.leave(Self.layerTurn) }
        let number = try await stored { () async throws(DatabaseError) in
            try await self.layers.count(layer) + 1
        }
        let (digest, identity) = CodeStore.identity(archive)
        var fields = given
        fields["LayerArn"] = .string(layerName(layer))
        fields["LayerVersionArn"] = .string(layerName(layer, number))
        fields["Version"] = .number(Number(number))
        fields["CreatedDate"] = .string(dateText())
        fields["Content"] = [
            "CodeSha256": .binary(digest), "CodeSize": .number(Number(archive.count)),
        ]
        fields[FunctionConfiguration.codeIdentityName] = .string(identity)
        fields[FunctionConfiguration.unzippedName] = .number(Number(unzipped))
        let version = LayerVersion(fields)
        try await stored { () async throws(DatabaseError) in
            try await self.code.keep(archive, named: identity, for: version.resourceName)
            try await self.layers.add(version, to: layer)
        }
        return version
    }

    /// A version of a layer.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func layerVersion(
        _ number: Int,
        of layer: String
    ) async throws(FunctionError) -> LayerVersion {
        let version = try await stored { () async throws(DatabaseError) in
            try await self.layers.version(number, of: layer)
        }
        guard let version else {
            throw FunctionError(.resourceNotFound, "The resource you requested does not exist.")
        }
        return version
    }

    /// The versions of a layer, the newest first; none where there is no such layer.
    ///
    /// - Throws: `.service`.
    package func layerVersions(of layer: String) async throws(FunctionError) -> [LayerVersion] {
        try await stored { () async throws(DatabaseError) in
            try await self.layers.versions(of: layer)
        }
    }

    /// The names of all layers behind one, in order; those without a version too.
    ///
    /// - Throws: `.service`.
    package func layerNames(after last: String?) async throws(FunctionError) -> [String] {
        try await stored { () async throws(DatabaseError) in
            try await self.layers.names(after: last)
        }
    }

    /// Deletes a version; one that is not there is deleted already.
    ///
    /// - Throws: `.service`.
    package func deleteLayer(_ number: Int, of layer: String) async throws(FunctionError) {
        await turns.enter(Self.layerTurn)
        defer { turns.leave(Self.layerTurn) }
        let version = try await stored { () async throws(DatabaseError) in
            let version = try await self.layers.version(number, of: layer)
            if version != nil { try await self.layers.delete(number, of: layer) }
            return version
        }
        guard let version else { return }
        try await release(version.codeIdentity, of: version.resourceName)
    }

    // MARK: What functions name

    /// Puts into a function's description what is known of the layers that a client has named, and takes hold of them.
    ///
    /// - Parameters:
    ///   - fields: The description; nothing changes in it where it names none.
    ///   - names: Resource names of versions.
    ///   - unzipped: Bytes of the function's own files.
    /// - Throws: `.invalidParameter` with what is wrong, `.service`.
    func layer(
        _ fields: inout Item,
        with names: [String],
        unzipped: Int
    ) async throws(FunctionError) {
        guard names.count <= FunctionLimits.layers else {
            throw FunctionError(
                .invalidParameter,
                "Cannot reference more than \(FunctionLimits.layers) layers."
            )
        }
        await turns.enter(Self.layerTurn)
        defer { turns.leave(Self.layerTurn) }
        var versions: [LayerVersion] = []
        for name in names {
            let version = try await version(named: name)
            if let other = versions.first(where: {
                $0.fields["LayerArn"] == version.fields["LayerArn"]
            }) {
                throw FunctionError(
                    .invalidParameter,
                    "Two different versions of the same layer are not allowed to be referenced in "
                        + "the same function. \(other.resourceName) and \(name) are versions of the "
                        + "same layer."
                )
            }
            versions.append(version)
        }
        let bytes = versions.reduce(unzipped) { $0 + $1.unzippedBytes }
        try Self.checkUnzipped(bytes)
        fields[FunctionConfiguration.layersName] =
            versions.isEmpty ? nil : .list(versions.map { .string($0.codeIdentity) })
        fields[FunctionConfiguration.layerBytesName] =
            versions.isEmpty ? nil : .number(Number(bytes - unzipped))
        fields["Layers"] =
            versions.isEmpty
            ? nil
            : .list(
                versions.map { version in
                    .map([
                        "Arn": .string(version.resourceName),
                        "CodeSize": .number(Number(version.codeSize)),
                    ])
                }
            )
        try await hold(FunctionConfiguration(fields).layerIdentities, for: Self.layerUser(fields))
    }

    private func version(named name: String) async throws(FunctionError) -> LayerVersion {
        guard let (layer, number) = layer(named: name), let number else {
            throw FunctionError(
                .invalidParameter,
                "The layer \(name) is not one of this account and region, or has no number."
            )
        }
        do throws(FunctionError) {
            return try await layerVersion(number, of: layer)
        } catch {
            guard error.code == .resourceNotFound else { throw error }
            throw FunctionError(.invalidParameter, "Layer version \(name) does not exist.")
        }
    }

    /// Refuses code that is too large with its layers.
    static func checkUnzipped(_ bytes: Int) throws(FunctionError) {
        guard bytes > FunctionLimits.unzippedBytes else { return }
        throw FunctionError(
            .invalidParameter,
            "Function code combined with layers exceeds the maximum allowed size of "
                + "\(FunctionLimits.unzippedBytes) bytes. The actual size is \(bytes) bytes."
        )
    }

    func hold(_ identities: [String], for user: String) async throws(FunctionError) {
        try await stored { () async throws(DatabaseError) in
            for identity in identities { try await self.code.use(identity, by: user) }
        }
    }

    /// Lets go of what a function or a version of it has held, but for what it still needs.
    func letGo(
        _ gone: FunctionConfiguration,
        butFor kept: [String] = []
    ) async throws(FunctionError) {
        for identity in Set(gone.layerIdentities).subtracting(kept) {
            try await release(identity, of: Self.layerUser(gone.fields))
        }
    }

    /// As whom a function or a version of it holds its layers.
    static func layerUser(_ fields: Item) -> String {
        let function = FunctionConfiguration(fields)
        let version = function.version == "$LATEST" ? "" : ":\(function.version)"
        return "\(function.name)\(version)#layers"
    }
}
