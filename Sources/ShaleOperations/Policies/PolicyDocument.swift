/// A policy: who may do what with which resource, in the language of AWS Identity and Access Management.
///
/// Only a part of that language is known (`PolicyReader` says which), and a policy with anything else is no policy:
/// an element that were passed over would allow more, or deny less, than it says.
public struct PolicyDocument: Sendable, Equatable {
    /// Where a policy stands.
    public enum Kind: Sendable {
        /// At an access key: says nothing of principals.
        case identity
        /// At a table: says for whom it is.
        case resource
    }

    enum Effect: String, Sendable, CaseIterable {
        case allow = "Allow"
        case deny = "Deny"
    }

    struct Statement: Sendable, Equatable {
        var effect: Effect
        var actions: [PolicyPattern]
        var resources: [PolicyPattern]
        /// For whom it is, a star for everybody; empty in a policy of an access key.
        var principals: [String] = []
        var conditions: [PolicyCondition] = []
    }

    var statements: [Statement]
    var kind: Kind

    /// Whether a statement of one effect is for a request.
    func has(_ effect: Effect, _ access: Access, _ caller: Caller, _ account: String) -> Bool {
        statements.contains { statement in
            statement.effect == effect
                && (kind == .identity || statement.concerns(caller, account))
                && statement.actions.contains { $0.matchesIgnoringCase(access.action) }
                && statement.resources.contains { $0.matches(access.resource, for: caller) }
                && statement.conditions.allSatisfy { condition in
                    condition.holds(access.values(of: condition.key), for: caller, effect)
                }
        }
    }
}

extension PolicyDocument.Statement {
    /// Whether the statement is for somebody.
    ///
    /// The account as a whole is allowed for those who may do everything in it, and denied for everybody.
    fileprivate func concerns(_ caller: Caller, _ account: String) -> Bool {
        let user = caller.resourceName(account)
        let root = "arn:aws:iam::\(account):root"
        return principals.contains { principal in
            if principal == "*" || principal.utf8.elementsEqual(user.utf8) { return true }
            guard
                principal.utf8.elementsEqual(account.utf8)
                    || principal.utf8.elementsEqual(root.utf8)
            else { return false }
            return effect == .deny || caller.policies == nil
        }
    }
}

/// One thing that a request does.
struct Access: Sendable, Equatable {
    /// With its prefix: `dynamodb:GetItem`.
    var action: String
    /// A resource's name, or a star for what is no resource.
    var resource: String
    var leadingKeys = AccessedValues.absent
    var attributes = AccessedValues.absent

    func values(of key: PolicyCondition.Key) -> AccessedValues {
        switch key {
        case .leadingKeys: leadingKeys
        case .attributes: attributes
        }
    }
}
