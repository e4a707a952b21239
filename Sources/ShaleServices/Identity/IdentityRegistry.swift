package import ShaleItems
internal import ShaleWire

/// The operations of IAM, and which of them a request asks for.
package enum IdentityRegistry {
    /// The version of the service's protocol, by which its forms are known.
    package static let version = "2010-05-08"
    /// The name space of its answers.
    package static let space = "https://iam.amazonaws.com/doc/2010-05-08/"

    private static let operations: [any IdentityOperation.Type] = [
        AttachRolePolicy.self, CreatePolicy.self, CreatePolicyVersion.self, CreateRole.self,
        DeletePolicy.self, DeletePolicyVersion.self, DeleteRole.self,
        DeleteRolePermissionsBoundary.self, DeleteRolePolicy.self, DetachRolePolicy.self,
        GetManagedPolicy.self, GetPolicyVersion.self, GetRole.self, GetRolePolicy.self,
        ListAttachedRolePolicies.self, ListEntitiesForPolicy.self,
        ListInstanceProfilesForRole.self, ListPolicies.self, ListPolicyTags.self,
        ListPolicyVersions.self, ListRolePolicies.self, ListRoleTags.self, ListRoles.self,
        PutRolePermissionsBoundary.self, PutRolePolicy.self, SetDefaultPolicyVersion.self,
        TagPolicy.self, TagRole.self, UntagPolicy.self, UntagRole.self,
        UpdateAssumeRolePolicy.self, UpdateRole.self, UpdateRoleDescription.self,
    ]

    /// The names of all operations, sorted.
    package static let names = operations.map { $0.name }.sorted()

    /// An operation that a request asks for.
    package struct Match: Sendable {
        /// Its name.
        package let name: String
        let operation: any IdentityOperation.Type

        /// Runs it.
        ///
        /// - Returns: Its result; nil where it has none.
        /// - Throws: what is wrong with the request.
        package func run(
            _ form: QueryForm,
            _ service: IdentityService
        ) async throws(RestError) -> Item? {
            try await operation.run(try form.members(operation.shape), service)
        }
    }

    /// Finds the operation of an action.
    ///
    /// - Throws: `InvalidAction`, in other words for what the service has and this server has not.
    package static func find(_ action: String) throws(RestError) -> Match {
        if let operation = operations.first(where: { $0.name == action }) {
            return Match(name: action, operation: operation)
        }
        throw RestError(
            "InvalidAction",
            400,
            "\(action.prefix(64)) is not supported by this server, which keeps roles and policies "
                + "only; see Docs/Identity.md."
        )
    }
}
