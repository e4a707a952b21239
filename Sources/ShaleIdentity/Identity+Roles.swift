internal import ShaleEngine

// Roles: made, changed, listed, deleted; the policies inside them and those attached to them.

extension Identity {
    /// A role.
    ///
    /// - Throws: `.noSuchEntity`, `.failure`.
    package func role(_ name: String) async throws(IdentityError) -> Role {
        let found = try await item(IdentityFormat.key(.role, name))
        guard let role = found.flatMap({ Role($0) }) else { throw .noRole(name) }
        return role
    }

    /// All roles, in the order of their names.
    ///
    /// - Throws: `.failure`.
    package func roles() async throws(IdentityError) -> [Role] {
        try await items(.role).compactMap { Role($0) }
    }

    /// Makes a role.
    ///
    /// - Parameters:
    ///   - name: Its name, which differs from all others by more than capitals.
    ///   - trust: Who may take it.
    ///   - fill: Says the rest.
    /// - Returns: The role.
    /// - Throws: `.alreadyExists`, `.limitExceeded`, `.failure`.
    package func createRole(
        _ name: String,
        trust: String,
        _ fill: (inout Role) -> Void
    ) async throws(IdentityError) -> Role {
        await turn.take()
        defer { turn.give() }
        guard try await item(IdentityFormat.key(.role, name)) == nil else {
            throw IdentityError(.alreadyExists, "Role with name \(name) already exists.")
        }
        guard try await items(.role).count < IdentityLimits.roles else {
            throw IdentityError(
                .limitExceeded,
                "Cannot exceed quota for RolesPerAccount: \(IdentityLimits.roles)"
            )
        }
        var role = Role(
            name: name,
            identity: draw("AROA"),
            createdMilliseconds: now,
            trust: trust
        )
        fill(&role)
        try Self.check(role)
        try await put(role.item)
        return role
    }

    /// Changes a role, but not its name.
    ///
    /// - Throws: `.noSuchEntity`, `.limitExceeded`, `.failure`, and what the change throws.
    package func changeRole(
        _ name: String,
        _ change: (inout Role) throws(IdentityError) -> Void
    ) async throws(IdentityError) {
        await turn.take()
        defer { turn.give() }
        var role = try await role(name)
        try change(&role)
        try Self.check(role)
        try await put(role.item)
    }

    /// Deletes a role that has no policies any more.
    ///
    /// - Throws: `.noSuchEntity`, `.deleteConflict`, `.failure`.
    package func deleteRole(_ name: String) async throws(IdentityError) {
        await turn.take()
        defer { turn.give() }
        let role = try await role(name)
        guard role.attached.isEmpty else {
            throw IdentityError(
                .deleteConflict,
                "Cannot delete entity, must detach all policies first."
            )
        }
        guard role.inline.isEmpty else {
            throw IdentityError(
                .deleteConflict,
                "Cannot delete entity, must delete policies first."
            )
        }
        try await delete(IdentityFormat.key(.role, name))
    }

    /// Attaches a policy to a role; one that is attached stays so.
    ///
    /// - Throws: `.noSuchEntity`, `.limitExceeded`, `.failure`.
    package func attach(
        _ resource: String,
        to name: String
    ) async throws(IdentityError) {
        await turn.take()
        defer { turn.give() }
        var role = try await role(name)
        let known = resourceName(try await policy(resource))
        let resource = ServicePolicies.isMeant(resource) ? resource : known
        guard !role.attached.contains(resource) else { return }
        role.attached.append(resource)
        guard role.attached.count <= IdentityLimits.attachedPolicies else {
            throw IdentityError(
                .limitExceeded,
                "Cannot exceed quota for PoliciesPerRole: \(IdentityLimits.attachedPolicies)"
            )
        }
        try await put(role.item)
    }

    /// Takes a policy away from a role.
    ///
    /// - Throws: `.noSuchEntity`, `.failure`.
    package func detach(
        _ resource: String,
        from name: String
    ) async throws(IdentityError) {
        try await changeRole(name) { (role) throws(IdentityError) in
            guard let index = role.attached.firstIndex(of: resource) else {
                throw IdentityError(.noSuchEntity, "Policy \(resource) was not found.")
            }
            role.attached.remove(at: index)
        }
    }

    /// The roles to which a policy is attached.
    ///
    /// - Throws: `.failure`.
    package func roles(attached resource: String) async throws(IdentityError) -> [Role] {
        try await roles().filter { $0.attached.contains(resource) }
    }

    private static func check(_ role: Role) throws(IdentityError) {
        try checkTags(role.tags)
        try checkLength([role.trust], IdentityLimits.trustCharacters, "ACLSizePerRole")
        try checkLength(
            role.inline.values,
            IdentityLimits.inlineCharacters,
            "InlinePolicySizePerRole"
        )
    }
}
