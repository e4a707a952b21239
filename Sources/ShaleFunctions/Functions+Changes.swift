package import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Synchronization

// Making, changing and deleting functions. Each change is durable before it is answered; what a function needs of
// the machine is made ready behind the answer, and `State` and `LastUpdateStatus` say how far that is.

extension Functions {
    /// Makes a function.
    ///
    /// - Parameters:
    ///   - given: What the client said, with the service's names; names and sizes are checked already.
    ///   - archive: Its code, a zip.
    /// - Returns: Its description.
    /// - Throws: `.resourceConflict`, `.invalidParameter`, `.service`.
    package func create(
        _ given: Item,
        archive: [UInt8]
    ) async throws(FunctionError) -> FunctionConfiguration {
        let wanted = FunctionConfiguration(given)
        try host.require(wanted.runtime)
        let name = wanted.name
        await turns.enter(name)
        defer { turns.leave(name) }
        guard try await part("function", of: name) == nil else {
            throw FunctionError(.resourceConflict, "Function already exist: \(name)")
        }
        var fields = given
        fields["FunctionArn"] = .string(resourceName(name))
        fields["Version"] = "$LATEST"
        fields["State"] = "Pending"
        fields["StateReason"] = "The function is being created."
        fields["StateReasonCode"] = "Creating"
        fields["LastUpdateStatus"] = "Successful"
        let layers = fields.remove("Layers")?.texts ?? []
        return try await keep(fields, archive, layers: layers)
    }

    /// Gives a function other code.
    ///
    /// - Throws: `.resourceNotFound`, `.preconditionFailed`, `.resourceConflict`, `.invalidParameter`, `.service`.
    package func updateCode(
        _ name: String,
        archive: [UInt8],
        architectures: AttributeValue? = nil,
        revision: String? = nil
    ) async throws(FunctionError) -> FunctionConfiguration {
        await turns.enter(name)
        defer { turns.leave(name) }
        let present = try await changeable(name, revision)
        try requireCode(present, "Giving it other code")
        var fields = present.fields
        if let architectures { fields["Architectures"] = architectures }
        beginUpdate(&fields)
        let before = present.codeIdentity
        let changed = try await keep(fields, archive)
        if before != changed.codeIdentity { try await release(before, of: name) }
        return changed
    }

    /// What a function would be with other code, which is checked and not kept.
    ///
    /// - Throws: `.resourceNotFound`, `.invalidParameter`, `.service`.
    package func tryCode(
        _ name: String,
        archive: [UInt8]
    ) async throws(FunctionError) -> FunctionConfiguration {
        let present = try await function(name)
        try requireCode(present, "Giving it other code")
        var fields = present.fields
        _ = try await host.unzippedBytes(archive)
        fields["CodeSha256"] = .binary(CodeStore.identity(archive).digest)
        fields["CodeSize"] = .number(Number(archive.count))
        return FunctionConfiguration(fields)
    }

    /// Changes members of a function's description.
    ///
    /// - Throws: `.resourceNotFound`, `.preconditionFailed`, `.resourceConflict`, `.invalidParameter`, `.service`.
    package func updateConfiguration(
        _ name: String,
        _ changes: Item,
        revision: String? = nil
    ) async throws(FunctionError) -> FunctionConfiguration {
        await turns.enter(name)
        defer { turns.leave(name) }
        let present = try await changeable(name, revision)
        try checkChanges(changes, of: present)
        var fields = present.fields
        for (member, value) in changes where member != "Layers" { fields[member] = value }
        guard !present.isClosure else {
            touch(&fields)
            let changed = FunctionConfiguration(fields)
            try await write(changed)
            retire(name, "$LATEST")
            return changed
        }
        try host.require(FunctionConfiguration(fields).runtime)
        let archive = try await archive(of: present)
        if let names = changes["Layers"]?.texts {
            let own = try await unzippedBytes(of: present, archive)
            try await layer(&fields, with: names, unzipped: own)
        }
        beginUpdate(&fields)
        touch(&fields)
        let changed = FunctionConfiguration(fields)
        try await write(changed)
        try await letGo(present, butFor: changed.layerIdentities)
        retire(name, "$LATEST")
        prepare(changed, archive)
        return changed
    }

    private func unzippedBytes(
        of function: FunctionConfiguration,
        _ archive: [UInt8]
    ) async throws(FunctionError) -> Int {
        if let bytes = function.unzippedBytes { return bytes }
        return try await host.unzippedBytes(archive)
    }

    /// Deletes a function with its versions and aliases.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func delete(_ name: String) async throws(FunctionError) {
        await turns.enter(name)
        defer { turns.leave(name) }
        let versions = try await versions(of: name)
        guard let latest = versions.first else { throw missing(name) }
        try await stored { () async throws(DatabaseError) in try await self.registry.delete(name) }
        try await deleteEvents(of: name)
        pool.withLock { $0.provide([:], for: name) }
        retire(name, "")
        pool.withLock { $0.reserved[name] = nil }
        closures.withLock { $0[name] = nil }
        guard !latest.isClosure else { return }
        try await release(latest.codeIdentity, of: name)
        for version in versions { try await letGo(version) }
        for version in versions.dropFirst() {
            try await release(version.codeIdentity, of: "\(name):\(version.version)")
        }
    }

    /// `$LATEST`, and then the versions in their order; empty where there is no function.
    ///
    /// - Throws: `.service`.
    package func versions(of name: String) async throws(FunctionError) -> [FunctionConfiguration] {
        try await stored { () async throws(DatabaseError) in
            guard let latest = try await self.registry.part("function", of: name) else { return [] }
            let published = try await self.registry.parts("version#", of: name)
            return [FunctionConfiguration(latest)]
                + published.map { FunctionConfiguration($0.fields) }
        }
    }

    /// The functions behind one, in the order of their names.
    ///
    /// - Throws: `.service`.
    package func functions(
        after last: String?,
        limit: Int
    ) async throws(FunctionError) -> [FunctionConfiguration] {
        try await stored { () async throws(DatabaseError) in
            var found: [FunctionConfiguration] = []
            for name in try await self.registry.names(after: last, limit: limit) {
                // A crash between the list and the function leaves a name alone.
                guard let fields = try await self.registry.part("function", of: name) else {
                    continue
                }
                found.append(FunctionConfiguration(fields))
            }
            return found
        }
    }

    /// The code of a function.
    ///
    /// - Throws: `.invalidParameter` of a closure, which has none, `.service` where it is damaged.
    package func archive(of function: FunctionConfiguration) async throws(FunctionError) -> [UInt8]
    {
        try requireCode(function, "Fetching its code")
        let code = try await stored { () async throws(DatabaseError) in
            try await self.code.code(function.codeIdentity)
        }
        guard let code else {
            throw FunctionError(.service, "The code of \(function.name) is not whole.")
        }
        return code
    }

    /// The code of a function, with that of its layers.
    ///
    /// - Throws: `.service` where it is damaged.
    func code(of function: FunctionConfiguration) async throws(FunctionError) -> FunctionCode {
        try await code(of: function, try await archive(of: function))
    }

    private func code(
        of function: FunctionConfiguration,
        _ archive: [UInt8]
    ) async throws(FunctionError) -> FunctionCode {
        var code = FunctionCode(archive)
        for identity in function.layerIdentities {
            let layer = try await stored { () async throws(DatabaseError) in
                try await self.code.code(identity)
            }
            guard let layer else {
                throw FunctionError(.service, "A layer of \(function.name) is not whole.")
            }
            code.layers.append(layer)
        }
        return code
    }

    /// Makes ready again what a server that has ended was making ready.
    ///
    /// - Throws: `.service`.
    package func resume() async throws(FunctionError) {
        for function in try await functions(after: nil, limit: .max) {
            let most = try await part("concurrency", of: function.name)
            let number = most?["ReservedConcurrentExecutions"]?.numberValue?.intValue
            pool.withLock { $0.reserved[function.name] = number }
            try await refreshProvisions(function.name)
            let isUpdating = function.fields["LastUpdateStatus"] == "InProgress"
            guard function.state == "Pending" || isUpdating else { continue }
            prepare(function, try await archive(of: function))
        }
    }

    // MARK: Pieces

    func changeable(
        _ name: String,
        _ revision: String?
    ) async throws(FunctionError) -> FunctionConfiguration {
        let present = try await function(name)
        if let revision, revision != present.revision {
            throw FunctionError(
                .preconditionFailed,
                "The RevisionId provided does not match the latest RevisionId. Call the "
                    + "GetFunction/GetAlias API to retrieve the latest RevisionId"
            )
        }
        let isUpdating = present.fields["LastUpdateStatus"] == "InProgress"
        guard present.state != "Pending", !isUpdating else {
            throw FunctionError(
                .resourceConflict,
                "The operation cannot be performed at this time. An update is in progress for "
                    + "resource: \(present.resourceName)"
            )
        }
        return present
    }

    private func beginUpdate(_ fields: inout Item) {
        fields["LastUpdateStatus"] = "InProgress"
        fields["LastUpdateStatusReason"] = "The function is being created."
        fields["LastUpdateStatusReasonCode"] = "Creating"
    }

    func touch(_ fields: inout Item) {
        fields["RevisionId"] = .string(database.makeUUID())
        fields["LastModified"] = .string(dateText())
    }

    /// The time, as the service writes it here.
    func dateText() -> String {
        let now = world.time.wallMilliseconds
        let text = CivilDate(seconds: now / 1_000).isoText(milliseconds: now % 1_000)
        return "\(text.dropLast())+0000"
    }

    private func keep(
        _ given: Item,
        _ archive: [UInt8],
        layers: [String]? = nil
    ) async throws(FunctionError)
        -> FunctionConfiguration
    {
        var fields = given
        let unzipped = try await host.unzippedBytes(archive)
        if let layers {
            try await layer(&fields, with: layers, unzipped: unzipped)
        } else {
            try Self.checkUnzipped(unzipped + FunctionConfiguration(fields).layerBytes)
        }
        let (digest, identity) = CodeStore.identity(archive)
        touch(&fields)
        fields[FunctionConfiguration.unzippedName] = .number(Number(unzipped))
        fields["CodeSha256"] = .binary(digest)
        fields["CodeSize"] = .number(Number(archive.count))
        fields[FunctionConfiguration.codeIdentityName] = .string(identity)
        let function = FunctionConfiguration(fields)
        let name = function.name
        try await stored { () async throws(DatabaseError) in
            try await self.code.keep(archive, named: identity, for: name)
            try await self.registry.enlist(name)
        }
        try await write(function)
        retire(name, "$LATEST")
        prepare(function, archive)
        return function
    }

    func release(_ identity: String, of user: String) async throws(FunctionError) {
        try await stored { () async throws(DatabaseError) in
            try await self.code.release(identity, by: user)
        }
    }

    func write(_ function: FunctionConfiguration) async throws(FunctionError) {
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(
                function.name,
                putting: [("function", function.fields)]
            )
        }
    }

    /// Waits until what a function needs of the machine is ready, or has failed to be.
    package func settled(_ name: String) async {
        while let preparation = preparations.withLock({ $0[name] }) {
            await preparation.task.value
            preparations.withLock { preparations in
                guard preparations[name]?.revision == preparation.revision else { return }
                preparations[name] = nil
            }
        }
    }

    /// Has the machine made ready, and notes how that went, behind the answer.
    private func prepare(_ function: FunctionConfiguration, _ archive: [UInt8]) {
        let task = Task(executorPreference: world.scheduler.taskExecutor) {
            var fields = function.fields
            do throws(FunctionError) {
                let code = try await self.code(of: function, archive)
                if let remark = try await self.host.prepare(function, code: code) {
                    self.write(remark, function, self.makeStream(function.version))
                }
                fields["State"] = "Active"
                fields.remove("StateReason")
                fields.remove("StateReasonCode")
                fields["LastUpdateStatus"] = "Successful"
                fields.remove("LastUpdateStatusReason")
                fields.remove("LastUpdateStatusReasonCode")
            } catch {
                let isNew = function.state == "Pending"
                fields[isNew ? "State" : "LastUpdateStatus"] = "Failed"
                fields[isNew ? "StateReason" : "LastUpdateStatusReason"] = .string(error.message)
                fields[isNew ? "StateReasonCode" : "LastUpdateStatusReasonCode"] =
                    error.code == .invalidZip ? "InvalidZipFileException" : "InternalError"
            }
            await self.settle(FunctionConfiguration(fields))
        }
        preparations.withLock { preparations in
            preparations[function.name] = Preparation(revision: function.revision, task: task)
        }
    }

    /// Notes how far a function is, unless it was changed or deleted meanwhile.
    private func settle(_ function: FunctionConfiguration) async {
        await turns.enter(function.name)
        defer { turns.leave(function.name) }
        do throws(FunctionError) {
            guard try await self.function(function.name).revision == function.revision else {
                return
            }
            try await write(function)
        } catch {
            // It stays as it is, and the next start makes it ready again.
            let text = "The state of \(function.name) could not be written: \(error.message)"
            write(text, function, makeStream(function.version))
        }
    }
}

extension AttributeValue {
    /// The texts of a list; nil where it is none.
    fileprivate var texts: [String]? { listValue?.compactMap(\.stringValue) }
}
