/// The bounds of roles and policies, as the service documents them.
package enum IdentityLimits {
    /// Roles of a database.
    package static let roles = 1_000
    /// Policies of a database, without those of the service itself.
    package static let policies = 1_500
    /// Policies attached to one role.
    package static let attachedPolicies = 25
    /// Characters of the document that says who may take a role, white space not counted.
    package static let trustCharacters = 4_096
    /// Characters of all policies inside one role, white space not counted.
    package static let inlineCharacters = 10_240
    /// Characters of a policy, white space not counted.
    package static let policyCharacters = 6_144
    /// Versions of a policy.
    package static let versions = 5
    /// Tags of a role or a policy.
    package static let tags = 50
    /// How long a session may last, in seconds, where a role does not say.
    package static let sessionSeconds = 3_600
}
