internal import ShaleTables
internal import ShaleWire
internal import Synchronization

/// Policies of tables as they were read, by revision: a text is read once.
final class PolicyCache: Sendable {
    /// More are read anew; so many are not used at one time.
    private static let limit = 1_024
    private let read = Mutex<[String: PolicyDocument]>([:])

    func document(_ policy: ResourcePolicy) throws(WireError) -> PolicyDocument {
        if let document = read.withLock({ $0[policy.revision] }) { return document }
        let document = try PolicyDocument(Array(policy.text.utf8), .resource)
        read.withLock { read in
            if read.count >= Self.limit { read.removeAll() }
            read[policy.revision] = document
        }
        return document
    }
}

extension Service {
    /// Whether everything that may be asked for is allowed.
    ///
    /// Then requests need not be looked at.
    var allowsEverything: Bool {
        guard let caller else { return true }
        return caller.policies == nil && !database.hasResourcePolicies
    }

    /// Refuses a request of which the caller may not do everything.
    ///
    /// What a policy denies is denied, whatever others allow; else the policies of the key or that of the table
    /// must allow it. Who may do everything may always change policies, so that nobody is locked out.
    func authorize(_ accesses: [Access]) throws(WireError) {
        guard let caller else { return }
        for access in accesses { try authorize(access, caller) }
    }

    private func authorize(_ access: Access, _ caller: Caller) throws(WireError) {
        let ofTable = try policy(of: access.resource)
        guard let reason = refusal(of: access, caller, ofTable) else { return }
        throw denial(access, caller, reason)
    }

    /// Whether the caller could not do something any more if its table had this policy.
    func loses(_ access: Access, under policy: PolicyDocument) -> Bool {
        guard let caller else { return false }
        return refusal(of: access, caller, policy) != nil
    }

    /// Why a caller may not do something where the table has a policy; nil where it may.
    private func refusal(
        of access: Access,
        _ caller: Caller,
        _ ofTable: PolicyDocument?
    ) -> String? {
        let ofKey = caller.policies ?? []
        if ofKey.contains(where: { $0.has(.deny, access, caller, account) }) {
            return "with an explicit deny in an identity-based policy"
        }
        let changesPolicies =
            access.action.utf8.elementsEqual("dynamodb:PutResourcePolicy".utf8)
            || access.action.utf8.elementsEqual("dynamodb:GetResourcePolicy".utf8)
            || access.action.utf8.elementsEqual("dynamodb:DeleteResourcePolicy".utf8)
        if let ofTable, ofTable.has(.deny, access, caller, account),
            !(caller.policies == nil && changesPolicies)
        {
            return "with an explicit deny in a resource-based policy"
        }
        if caller.policies == nil { return nil }
        if ofKey.contains(where: { $0.has(.allow, access, caller, account) }) { return nil }
        if let ofTable, ofTable.has(.allow, access, caller, account) { return nil }
        return "because no identity-based policy allows the \(access.action) action"
    }

    /// The policy at the table of a resource: its own, of an index or of a stream.
    private func policy(of resource: String) throws(WireError) -> PolicyDocument? {
        // The one error is that there is no such table, and so no policy.
        guard let name = ResourceName(resource)?.tablePart,
            let policy = try? database.resourcePolicy(of: name)
        else { return nil }
        return try policies.document(policy)
    }

    func denial(_ access: Access, _ caller: Caller?, _ reason: String) -> WireError {
        let user = caller?.resourceName(account) ?? "arn:aws:iam::\(account):root"
        return WireError(
            .accessDenied,
            "User: \(user) is not authorized to perform: \(access.action) on resource: "
                + "\(access.resource) \(reason)"
        )
    }
}
