internal import ShaleItems
internal import ShalePlatform
internal import Synchronization

extension Database {
    /// In a request, stands for the revision of no policy.
    public static let noPolicyRevision = "NO_POLICY"

    /// The policy that stands at a table; nil if there is none.
    ///
    /// - Throws: `.resourceNotFound`.
    public func resourcePolicy(
        of tableName: String
    ) throws(DatabaseError) -> ResourcePolicy? {
        try describedTable(tableName).definition.settings.policy
    }

    /// Whether any table may have a policy.
    ///
    /// Costs no look at the tables.
    public var hasResourcePolicies: Bool { catalog.hasPolicies.load(ordering: .acquiring) }

    /// Puts a policy at a table in place of the one that is there; answers its revision.
    ///
    /// The text is the caller's to check. The same text again keeps its revision.
    /// - Parameters:
    ///   - text: The policy.
    ///   - tableName: The table.
    ///   - expected: The revision that must be there; `noPolicyRevision` for none, nil for any.
    /// - Returns: the revision.
    /// - Throws: `.resourceNotFound`, `.policyNotFound` when another revision is there, `.internalFailure`.
    public func putResourcePolicy(
        _ text: String,
        on tableName: String,
        expecting expected: String?
    ) async throws(DatabaseError) -> String {
        let policy = newPolicy(text)
        // Before it is there: a request that sees it must have been told to look.
        catalog.hasPolicies.store(true, ordering: .releasing)
        return try await changeSettings(of: tableName) { (settings) throws(DatabaseError) in
            try Self.check(settings.policy, expected, tableName)
            if let old = settings.policy, TextOrder.areEqual(old.text, text) {
                return old.revision
            }
            settings.policy = policy
            return policy.revision
        }
    }

    /// Takes the policy of a table away; answers its revision, or nil where there was none.
    ///
    /// - Throws: `.resourceNotFound`, `.policyNotFound` when another revision is there, `.internalFailure`.
    public func deleteResourcePolicy(
        of tableName: String,
        expecting expected: String?
    ) async throws(DatabaseError) -> String? {
        try await changeSettings(of: tableName) { (settings) throws(DatabaseError) in
            try Self.check(settings.policy, expected, tableName)
            defer { settings.policy = nil }
            return settings.policy?.revision
        }
    }

    /// A policy with a revision of its own: the time in milliseconds and random digits.
    func newPolicy(_ text: String) -> ResourcePolicy {
        let digits = String(world.randomness.next() % 1_000_000)
        let padded = String(repeating: "0", count: 6 - digits.utf8.count) + digits
        return ResourcePolicy(text: text, revision: "\(world.time.wallMilliseconds)\(padded)")
    }

    private static func check(
        _ policy: ResourcePolicy?,
        _ expected: String?,
        _ tableName: String
    ) throws(DatabaseError) {
        guard let expected else { return }
        let expectsNone = TextOrder.areEqual(expected, noPolicyRevision)
        switch policy {
        case nil where expectsNone: return
        case nil:
            throw .policyNotFound(
                "Requested update for policy with revision id \(expected), but no policy is "
                    + "associated to target table \(tableName)."
            )
        case let policy? where expectsNone:
            throw .policyNotFound(
                "Requested policy update expecting none to be present for table \(tableName), but a "
                    + "policy exists with revision id \(policy.revision)."
            )
        case let policy? where !TextOrder.areEqual(policy.revision, expected):
            throw .policyNotFound(
                "Requested update for policy with revision id \(expected), but the policy associated "
                    + "to target table \(tableName) has revision id \(policy.revision)."
            )
        default: return
        }
    }
}

extension DatabaseError {
    /// There is no such policy, for a reason or because of its revision.
    public static func policyNotFound(_ reason: String) -> DatabaseError {
        DatabaseError(
            .policyNotFound,
            "Resource-based policy not found for the provided ResourceArn: \(reason)"
        )
    }
}
