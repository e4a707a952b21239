internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Synchronization

// Provisioned concurrency: environments of a version that are started before anybody calls, and kept.

extension Functions {
    /// What is provisioned at a version or an alias, and how far that is.
    package struct Provisioned: Sendable {
        /// The version or the alias.
        package var qualifier: String
        /// How many environments are to be ready.
        package var requested: Int
        /// How many are.
        package var allocated: Int
        /// How far it is.
        package var status: Provision.Status
        /// Why it failed, where it has.
        package var reason: String?
        /// When it was asked for.
        package var modified: String
    }

    private static let countName = "RequestedProvisionedConcurrentExecutions"
    private static let prefix = "provisioned#"
    /// How many environments of a version are started at the same time.
    private static let startsAtOnce = 4

    /// Has environments be started and kept.
    ///
    /// - Throws: `.resourceNotFound`, `.invalidParameter` with what is wrong, `.service`.
    package func provision(
        _ count: Int,
        of name: String,
        _ qualifier: String
    ) async throws(FunctionError) -> Provisioned {
        await turns.enter(name)
        defer { turns.leave(name) }
        let function = try await main(name, qualifier)
        guard function.version != "$LATEST" else {
            throw FunctionError(
                .invalidParameter,
                "Provisioned Concurrency Configs cannot be applied to unpublished function versions."
            )
        }
        for other in try await provisions(of: name) where other.qualifier != qualifier {
            guard try await main(name, other.qualifier).version != function.version else {
                throw FunctionError(
                    .invalidParameter,
                    "Alias and version conflict: provisioned concurrency is already configured at "
                        + "\(other.qualifier), which is version \(function.version)."
                )
            }
        }
        try checkRoom(count, name, Self.key(function))
        let fields: Item = [
            Self.countName: .number(Number(count)), "LastModified": .string(dateText()),
        ]
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(name, putting: [(Self.provisionKey(qualifier), fields)])
        }
        // What has failed is tried again at once.
        pool.withLock { $0.provisions[Self.key(function)] = nil }
        try await refreshProvisions(name)
        return try await told(qualifier, fields, of: name)
    }

    /// The sort key of what is provisioned at a version or an alias; it goes with that.
    static func provisionKey(_ qualifier: String) -> String { prefix + qualifier }

    private func checkRoom(
        _ count: Int,
        _ name: String,
        _ key: String
    ) throws(FunctionError) {
        let room = pool.withLock { pool in
            let mine = pool.provisions.reduce(0) { sum, provision in
                let isOther = provision.key != key && provision.key.hasPrefix(name + "/")
                return sum + (isOther ? provision.value.requested : 0)
            }
            if let reserved = pool.reserved[name] { return reserved - mine }
            let others = pool.provisions.reduce(0) { sum, provision in
                let isCounted = provision.key != key && !pool.isReserved(provision.key)
                return sum + (isCounted ? provision.value.requested : 0)
            }
            return FunctionLimits.concurrency - FunctionLimits.unreservedConcurrency
                - pool.reserved.values.reduce(0, +) - others
        }
        guard count > room else { return }
        throw FunctionError(
            .invalidParameter,
            "Requested Provisioned Concurrency of \(count) should not be greater than what is left of "
                + "the reserved concurrency of the function, or of the account: \(max(0, room))."
        )
    }

    /// What is provisioned at a version or an alias.
    ///
    /// - Throws: `.provisionedNotFound`, `.resourceNotFound`, `.service`.
    package func provision(
        of name: String,
        _ qualifier: String
    ) async throws(FunctionError) -> Provisioned {
        _ = try await main(name, qualifier)
        guard let fields = try await part(Self.provisionKey(qualifier), of: name) else {
            throw FunctionError(
                .provisionedNotFound,
                "No Provisioned Concurrency Config found for this function"
            )
        }
        return try await told(qualifier, fields, of: name)
    }

    /// What is provisioned at all versions and aliases of a function.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func provisions(of name: String) async throws(FunctionError) -> [Provisioned] {
        _ = try await function(name)
        let parts = try await stored { () async throws(DatabaseError) in
            try await self.registry.parts(Self.prefix, of: name)
        }
        var all: [Provisioned] = []
        for (what, fields) in parts {
            all.append(try await told(String(what.dropFirst(Self.prefix.count)), fields, of: name))
        }
        return all
    }

    /// Keeps nothing ready any more.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func unprovision(_ name: String, _ qualifier: String) async throws(FunctionError) {
        await turns.enter(name)
        defer { turns.leave(name) }
        _ = try await main(name, qualifier)
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(name, deleting: [Self.provisionKey(qualifier)])
        }
        try await refreshProvisions(name)
    }

    private func told(
        _ qualifier: String,
        _ fields: Item,
        of name: String
    ) async throws(FunctionError) -> Provisioned {
        let key = Self.key(try await main(name, qualifier))
        let requested = fields[Self.countName]?.numberValue?.intValue ?? 0
        let (present, known) = pool.withLock { ($0.present(key), $0.provisions[key]) }
        let provision = known ?? Provision(requested: requested)
        let status = provision.status(present)
        return Provisioned(
            qualifier: qualifier,
            requested: requested,
            allocated: min(requested, present),
            status: status,
            reason: status == .failed ? provision.failure : nil,
            modified: fields["LastModified"]?.stringValue ?? ""
        )
    }

    /// The version of a qualifier; of an alias with weights the one that it leads to mainly.
    private func main(
        _ name: String,
        _ qualifier: String
    ) async throws(FunctionError) -> FunctionConfiguration {
        guard qualifier != "$LATEST", Int(qualifier) == nil else {
            return try await function(name, qualifier)
        }
        guard let alias = try await part("alias#\(qualifier)", of: name) else {
            throw missing(name, qualifier)
        }
        return try await function(name, Self.versions(of: alias)[0])
    }

    // MARK: Starting and keeping

    /// Brings what is kept ready in line with what is written, after that or an alias has changed.
    func refreshProvisions(_ name: String) async throws(FunctionError) {
        let parts = try await stored { () async throws(DatabaseError) in
            try await self.registry.parts(Self.prefix, of: name)
        }
        var wanted: [String: (count: Int, function: FunctionConfiguration)] = [:]
        for (what, fields) in parts {
            let function = try await main(name, String(what.dropFirst(Self.prefix.count)))
            let count = fields[Self.countName]?.numberValue?.intValue ?? 0
            wanted[Self.key(function)] = (count, function)
        }
        let counts = wanted.mapValues(\.count)
        pool.withLock { $0.provide(counts, for: name) }
        for (key, want) in wanted {
            provisionedVersions.withLock { $0[key] = want.function }
            replenish(key)
        }
    }

    /// Starts what is missing of a version's environments, behind the caller.
    func replenish(_ key: String) {
        guard let function = provisionedVersions.withLock({ $0[key] }) else { return }
        for _ in 0..<Self.startsAtOnce {
            Task(executorPreference: world.scheduler.taskExecutor) {
                while self.pool.withLock({ pool in
                    pool.beginStart(key, now: self.world.time.monotonicNanoseconds)
                }) {
                    await self.startAhead(function, key)
                }
            }
        }
    }

    /// Starts what is missing of all: environments end, and nobody tells.
    package func replenishAll() {
        for key in pool.withLock({ Array($0.provisions.keys) }) { replenish(key) }
    }

    private func startAhead(_ function: FunctionConfiguration, _ key: String) async {
        var function = function
        function.fields[FunctionConfiguration.startsAheadName] = true
        let result: Result<any FunctionEnvironment, FunctionError>
        do throws(FunctionError) {
            let environment = try await start(function)
            let isReady = await environment.isInitialised()
            result =
                isReady
                ? .success(environment)
                : .failure(FunctionError(.service, "FUNCTION_ERROR_INIT_FAILURE"))
        } catch {
            result = .failure(error)
        }
        let ended = pool.withLock { pool in
            pool.endStart(result, key, now: world.time.monotonicNanoseconds)
        }
        ended.unwanted?.stop()
        if ended.hasRecovered { replenish(key) }
        guard let wait = ended.retry else { return }
        world.scheduler.schedule(.housekeeping, after: wait) { [weak self] in self?.replenish(key) }
    }

    /// By what environments of a version are known.
    static func key(_ function: FunctionConfiguration) -> String {
        "\(function.name)/\(function.version)/\(function.revision)"
    }
}
