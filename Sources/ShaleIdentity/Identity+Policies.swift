internal import ShaleEngine

// Policies with names of their own: made, versioned, listed, deleted.

extension Identity {
    /// A policy by its resource name; one of the service's own is known whatever its name.
    ///
    /// - Throws: `.noSuchEntity`, `.failure`.
    package func policy(_ resource: String) async throws(IdentityError) -> Policy {
        if let policy = ServicePolicies.policy(resource) { return policy }
        let prefix = "arn:aws:iam::\(account):policy/"
        guard resource.hasPrefix(prefix), let name = resource.split(separator: "/").last else {
            throw .noPolicy(resource)
        }
        let found = try await item(IdentityFormat.key(.policy, String(name)))
        guard let policy = found.flatMap({ Policy($0) }),
            resourceName(policy).lowercased() == resource.lowercased()
        else { throw .noPolicy(resource) }
        return policy
    }

    /// All policies that are kept, in the order of their names.
    ///
    /// - Throws: `.failure`.
    package func policies() async throws(IdentityError) -> [Policy] {
        try await items(.policy).compactMap { Policy($0) }
    }

    /// Makes a policy with its first version.
    ///
    /// - Parameters:
    ///   - name: Its name, which differs from all others by more than capitals.
    ///   - document: What it says.
    ///   - fill: Says the rest.
    /// - Returns: The policy.
    /// - Throws: `.alreadyExists`, `.limitExceeded`, `.failure`.
    package func createPolicy(
        _ name: String,
        document: String,
        _ fill: (inout Policy) -> Void
    ) async throws(IdentityError) -> Policy {
        await turn.take()
        defer { turn.give() }
        guard try await item(IdentityFormat.key(.policy, name)) == nil else {
            throw IdentityError(
                .alreadyExists,
                "A policy called \(name) already exists. Duplicate names are not allowed."
            )
        }
        guard try await items(.policy).count < IdentityLimits.policies else {
            throw IdentityError(
                .limitExceeded,
                "Cannot exceed quota for PoliciesPerAccount: \(IdentityLimits.policies)"
            )
        }
        var policy = Policy(name: name, identity: draw("ANPA"), createdMilliseconds: now)
        fill(&policy)
        policy.add(document, at: now)
        try Self.check(policy)
        try await put(policy.item)
        return policy
    }

    /// Changes a policy, but not its name.
    ///
    /// - Returns: The policy as it is then.
    /// - Throws: `.noSuchEntity`, `.limitExceeded`, `.failure`, and what the change throws.
    package func changePolicy(
        _ resource: String,
        _ change: (inout Policy) throws(IdentityError) -> Void
    ) async throws(IdentityError) -> Policy {
        await turn.take()
        defer { turn.give() }
        var policy = try await kept(resource)
        try change(&policy)
        try Self.check(policy)
        try await put(policy.item)
        return policy
    }

    /// Adds a version.
    ///
    /// - Returns: The version.
    /// - Throws: `.noSuchEntity`, `.limitExceeded`, `.failure`.
    package func createVersion(
        of resource: String,
        document: String,
        isDefault: Bool
    ) async throws(IdentityError) -> Policy.Version {
        let time = now
        let policy = try await changePolicy(resource) { (policy) throws(IdentityError) in
            guard policy.versions.count < IdentityLimits.versions else {
                throw IdentityError(
                    .limitExceeded,
                    "A managed policy can have up to \(IdentityLimits.versions) versions. Before "
                        + "you create a new version, you must delete an existing version."
                )
            }
            policy.add(document, at: time)
            if isDefault { policy.defaultVersion = policy.nextVersion - 1 }
        }
        return try policy.version(policy.nextVersion - 1)
    }

    /// Deletes a version that does not count.
    ///
    /// - Throws: `.noSuchEntity`, `.deleteConflict`, `.failure`.
    package func deleteVersion(
        _ number: Int,
        of resource: String
    ) async throws(IdentityError) {
        _ = try await changePolicy(resource) { (policy) throws(IdentityError) in
            _ = try policy.version(number)
            guard number != policy.defaultVersion else {
                throw IdentityError(
                    .deleteConflict,
                    "Cannot delete the default version of a policy."
                )
            }
            policy.versions.removeAll { $0.number == number }
        }
    }

    /// Says which version counts.
    ///
    /// - Throws: `.noSuchEntity`, `.failure`.
    package func setDefaultVersion(
        _ number: Int,
        of resource: String
    ) async throws(IdentityError) {
        let time = now
        _ = try await changePolicy(resource) { (policy) throws(IdentityError) in
            _ = try policy.version(number)
            policy.defaultVersion = number
            policy.changedMilliseconds = time
        }
    }

    /// Deletes a policy that is attached to no role and has one version.
    ///
    /// - Throws: `.noSuchEntity`, `.deleteConflict`, `.failure`.
    package func deletePolicy(_ resource: String) async throws(IdentityError) {
        await turn.take()
        defer { turn.give() }
        let policy = try await kept(resource)
        guard try await roles(attached: resourceName(policy)).isEmpty else {
            throw IdentityError(.deleteConflict, "Cannot delete a policy attached to entities.")
        }
        guard policy.versions.count == 1 else {
            throw IdentityError(
                .deleteConflict,
                "This policy has more than one version. Before you delete a policy, you must delete "
                    + "the policy's versions. The default version is deleted with the policy."
            )
        }
        try await delete(IdentityFormat.key(.policy, policy.name))
    }

    /// A policy that may be changed.
    private func kept(_ resource: String) async throws(IdentityError) -> Policy {
        guard !ServicePolicies.isMeant(resource) else {
            throw IdentityError(.invalidInput, "\(resource) is the service's own policy.")
        }
        return try await policy(resource)
    }

    private static func check(_ policy: Policy) throws(IdentityError) {
        try checkTags(policy.tags)
        for version in policy.versions {
            try checkLength([version.document], IdentityLimits.policyCharacters, "PolicySize")
        }
    }
}

extension Policy {
    /// One of its versions.
    ///
    /// - Throws: `.noSuchEntity`.
    package func version(_ number: Int) throws(IdentityError) -> Version {
        guard let version = versions.first(where: { $0.number == number }) else {
            throw IdentityError(
                .noSuchEntity,
                "Policy \(name) version v\(number) does not exist or is not attachable."
            )
        }
        return version
    }

    fileprivate mutating func add(_ document: String, at time: Int64) {
        versions.append(
            Version(number: nextVersion, document: document, createdMilliseconds: time)
        )
        nextVersion += 1
        changedMilliseconds = time
    }
}
