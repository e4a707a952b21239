internal import ShaleIdentity
internal import ShaleItems

// The policies inside roles, and those that are attached to them.

/// Puts a policy into a role.
enum PutRolePolicy: IdentityOperation {
    static let name = "PutRolePolicy"
    static let shape = [IdentityShapes.role, IdentityShapes.policy, IdentityShapes.document]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let document = members.text("PolicyDocument")
        try PolicyDocuments(kind: .permissions).check(document)
        try await service.change(members) { (role) throws(IdentityError) in
            role.inline[members.text("PolicyName")] = document
        }
        return nil
    }
}

/// Tells a policy inside a role.
enum GetRolePolicy: IdentityOperation {
    static let name = "GetRolePolicy"
    static let shape = [IdentityShapes.role, IdentityShapes.policy]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let policy = members.text("PolicyName")
        let role = try await service.checked { () async throws(IdentityError) in
            try await service.identity.role(members.text("RoleName"))
        }
        guard let document = role.inline[policy] else { throw RestError(.noInline(policy)) }
        return [
            "RoleName": .string(role.name), "PolicyName": .string(policy),
            "PolicyDocument": .string(PercentCoding.encoded(document)),
        ]
    }
}

/// Takes a policy out of a role.
enum DeleteRolePolicy: IdentityOperation {
    static let name = "DeleteRolePolicy"
    static let shape = [IdentityShapes.role, IdentityShapes.policy]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        try await service.change(members) { (role) throws(IdentityError) in
            let policy = members.text("PolicyName")
            guard role.inline.removeValue(forKey: policy) != nil else {
                throw .noInline(policy)
            }
        }
        return nil
    }
}

/// Lists the names of the policies inside a role.
enum ListRolePolicies: IdentityOperation {
    static let name = "ListRolePolicies"
    static let shape = [IdentityShapes.role] + IdentityShapes.page

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let role = try await service.checked { () async throws(IdentityError) in
            try await service.identity.role(members.text("RoleName"))
        }
        let names = role.inline.keys.map { (name: $0, told: AttributeValue.string($0)) }
        return IdentityService.page("PolicyNames", names, members)
    }
}

/// Attaches a policy to a role.
enum AttachRolePolicy: IdentityOperation {
    static let name = "AttachRolePolicy"
    static let shape = [IdentityShapes.role, IdentityShapes.resource]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        try await service.checked { () async throws(IdentityError) in
            try await service.identity.attach(resource, to: members.text("RoleName"))
        }
        return nil
    }
}

/// Takes an attached policy away from a role.
enum DetachRolePolicy: IdentityOperation {
    static let name = "DetachRolePolicy"
    static let shape = [IdentityShapes.role, IdentityShapes.resource]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        try await service.checked { () async throws(IdentityError) in
            try await service.identity.detach(resource, from: members.text("RoleName"))
        }
        return nil
    }
}

/// Lists the policies that are attached to a role.
enum ListAttachedRolePolicies: IdentityOperation {
    static let name = "ListAttachedRolePolicies"
    static let shape = [IdentityShapes.role, IdentityShapes.pathPrefix] + IdentityShapes.page

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let prefix = members["PathPrefix"]?.stringValue ?? "/"
        let policies = try await service.checked { () async throws(IdentityError) in
            let role = try await service.identity.role(members.text("RoleName"))
            var policies: [(resource: String, policy: Policy)] = []
            for resource in role.attached {
                policies.append((resource, try await service.identity.policy(resource)))
            }
            return policies
        }
        let told = policies.filter { $0.policy.path.hasPrefix(prefix) }.map { found in
            (
                name: found.policy.name,
                told: AttributeValue.map([
                    "PolicyName": .string(found.policy.name),
                    "PolicyArn": .string(found.resource),
                ])
            )
        }
        return IdentityService.page("AttachedPolicies", told, members)
    }
}

extension IdentityService {
    /// The resource name of the policy that a request names.
    static func resource(_ members: Item) throws(RestError) -> String {
        let resource = members.text("PolicyArn")
        guard resource.hasPrefix("arn:"), resource.split(separator: ":").count >= 4 else {
            throw RestError("ValidationError", 400, "ARN \(resource.prefix(256)) is not valid.")
        }
        return resource
    }
}

extension IdentityError {
    fileprivate static func noInline(_ name: String) -> IdentityError {
        IdentityError(.noSuchEntity, "The role policy with name \(name) cannot be found.")
    }
}
