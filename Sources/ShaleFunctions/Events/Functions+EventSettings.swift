package import ShaleItems
internal import ShalePlatform
internal import ShaleTables

// What is done with events of a function that fails: retries, ages, destinations.

extension Functions {
    private static func key(_ qualifier: String?) -> String { "invoke#\(qualifier ?? "$LATEST")" }

    /// What is configured; nil is nothing.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func eventSettings(
        _ name: String,
        _ qualifier: String?
    ) async throws(FunctionError) -> Item? {
        _ = try await function(name, qualifier)
        return try await part(Self.key(qualifier), of: name)
    }

    /// What is configured of a function, its versions and its aliases.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func allEventSettings(_ name: String) async throws(FunctionError) -> [Item] {
        _ = try await function(name)
        return try await stored { () async throws(DatabaseError) in
            try await self.registry.parts("invoke#", of: name).map(\.fields)
        }
    }

    /// Configures what is done with events.
    ///
    /// - Parameters:
    ///   - changes: `MaximumRetryAttempts`, `MaximumEventAgeInSeconds`, `DestinationConfig`, checked by their shapes.
    ///   - name: The function.
    ///   - qualifier: A version or an alias.
    ///   - keeps: Whether what is not among the changes stays as it is.
    /// - Returns: The whole configuration.
    /// - Throws: `.resourceNotFound`, `.invalidParameter`, `.service`.
    package func setEventSettings(
        _ changes: Item,
        _ name: String,
        _ qualifier: String?,
        keeps: Bool
    ) async throws(FunctionError) -> Item {
        await turns.enter(name)
        defer { turns.leave(name) }
        let present = try await eventSettings(name, qualifier)
        if keeps, present == nil { throw noSettings(name, qualifier) }
        var fields = keeps ? present ?? [:] : [:]
        for (member, value) in changes { fields[member] = value }
        try checkDestinations(EventRules(fields))
        fields["FunctionArn"] = .string(resourceName(name, qualifier ?? "$LATEST"))
        let seconds = Double(world.time.wallMilliseconds) / 1_000
        fields["LastModified"] = (try? Number(seconds)).map { .number($0) }
        let whole = fields
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(name, putting: [(Self.key(qualifier), whole)])
        }
        return whole
    }

    /// Forgets what is configured.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func deleteEventSettings(
        _ name: String,
        _ qualifier: String?
    ) async throws(FunctionError) {
        await turns.enter(name)
        defer { turns.leave(name) }
        guard try await eventSettings(name, qualifier) != nil else {
            throw noSettings(name, qualifier)
        }
        try await stored { () async throws(DatabaseError) in
            try await self.registry.write(name, deleting: [Self.key(qualifier)])
        }
    }

    /// The error for a function of whose events nothing is configured.
    package func noSettings(_ name: String, _ qualifier: String?) -> FunctionError {
        FunctionError(
            .resourceNotFound,
            "The function \(resourceName(name, qualifier ?? "$LATEST")) doesn't have an "
                + "EventInvokeConfig"
        )
    }

    func eventRules(_ name: String, _ qualifier: String?) async throws(FunctionError) -> EventRules
    {
        try await part(Self.key(qualifier), of: name).map { EventRules($0) } ?? EventRules()
    }

    private func checkDestinations(_ rules: EventRules) throws(FunctionError) {
        for destination in [rules.onSuccess, rules.onFailure].compactMap({ $0 }) {
            let isBucket = bucket(destination) != nil && destination == rules.onFailure
            guard isBucket || named(destination) != nil else {
                throw FunctionError(
                    .invalidParameter,
                    "The destination \(destination) is not supported by this server: functions of this "
                        + "account are, and for failures the buckets that the server was started with."
                )
            }
        }
    }

    // arn:aws:s3:::NAME
    func bucket(_ resourceName: String) -> (any Bucket)? {
        let prefix = "arn:aws:s3:::"
        guard resourceName.utf8.starts(with: prefix.utf8) else { return nil }
        return buckets[String(resourceName.dropFirst(prefix.count))]
    }

    /// The function of a resource name, perhaps with a qualifier; nil where it is none of this account.
    ///
    ///     arn:aws:lambda:REGION:ACCOUNT:function:NAME
    package func named(_ resourceName: String) -> (name: String, qualifier: String?)? {
        let prefix = "arn:aws:lambda:\(region):\(account):function:"
        guard resourceName.utf8.starts(with: prefix.utf8) else { return nil }
        let parts = resourceName.dropFirst(prefix.count).split(separator: ":").map(String.init)
        guard (1...2).contains(parts.count) else { return nil }
        return (parts[0], parts.count == 2 ? parts[1] : nil)
    }
}
