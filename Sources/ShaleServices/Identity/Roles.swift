internal import ShaleIdentity
internal import ShaleItems

// Roles: made, described, listed, deleted.

/// Makes a role.
enum CreateRole: IdentityOperation {
    static let name = "CreateRole"
    static let shape: [Member] = [
        IdentityShapes.role, Member("Path", IdentityShapes.path),
        .required("AssumeRolePolicyDocument", IdentityShapes.trust),
        Member("Description", IdentityShapes.description),
        Member("MaxSessionDuration", IdentityShapes.session),
        Member("PermissionsBoundary", .text(20...2_048)), Member("Tags", IdentityShapes.tags),
    ]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let trust = members.text("AssumeRolePolicyDocument")
        try PolicyDocuments(kind: .trust).check(trust)
        let tags = try IdentityService.tags(members["Tags"])
        let boundary = members["PermissionsBoundary"]?.stringValue
        let role = try await service.checked { () async throws(IdentityError) in
            if let boundary { _ = try await service.identity.policy(boundary) }
            return try await service.identity.createRole(members.text("RoleName"), trust: trust) {
                $0.path = members["Path"]?.stringValue ?? "/"
                $0.description = members["Description"]?.stringValue
                if let seconds = members["MaxSessionDuration"]?.numberValue?.intValue {
                    $0.sessionSeconds = seconds
                }
                $0.boundary = boundary
                $0.tags = tags
            }
        }
        return ["Role": .map(service.told(role))]
    }
}

/// Describes a role.
enum GetRole: IdentityOperation {
    static let name = "GetRole"
    static let shape = [IdentityShapes.role]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let role = try await service.checked { () async throws(IdentityError) in
            try await service.identity.role(members.text("RoleName"))
        }
        var told = service.told(role)
        // Nobody ever takes one.
        told["RoleLastUsed"] = .map([:])
        return ["Role": .map(told)]
    }
}

/// Lists roles in the order of their names.
enum ListRoles: IdentityOperation {
    static let name = "ListRoles"
    static let shape = [IdentityShapes.pathPrefix] + IdentityShapes.page

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let prefix = members["PathPrefix"]?.stringValue ?? "/"
        let roles = try await service.checked { () async throws(IdentityError) in
            try await service.identity.roles()
        }
        let told = roles.filter { $0.path.hasPrefix(prefix) }.map { role in
            var told = service.told(role)
            for name in ["Tags", "PermissionsBoundary"] { told[name] = nil }
            return (name: role.name, told: AttributeValue.map(told))
        }
        return IdentityService.page("Roles", told, members)
    }
}

/// Deletes a role.
enum DeleteRole: IdentityOperation {
    static let name = "DeleteRole"
    static let shape = [IdentityShapes.role]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        try await service.checked { () async throws(IdentityError) in
            try await service.identity.deleteRole(members.text("RoleName"))
        }
        return nil
    }
}

/// Says that a role is in no instance profile: there are none.
enum ListInstanceProfilesForRole: IdentityOperation {
    static let name = "ListInstanceProfilesForRole"
    static let shape = [IdentityShapes.role] + IdentityShapes.page

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        _ = try await service.checked { () async throws(IdentityError) in
            try await service.identity.role(members.text("RoleName"))
        }
        return ["InstanceProfiles": [], "IsTruncated": false]
    }
}

extension IdentityService {
    /// A role as the service tells it.
    func told(_ role: Role) -> Item {
        var told: Item = [
            "RoleName": .string(role.name), "Path": .string(role.path),
            "RoleId": .string(role.identity), "Arn": .string(identity.resourceName(role)),
            "CreateDate": Self.date(role.createdMilliseconds),
            "AssumeRolePolicyDocument": .string(PercentCoding.encoded(role.trust)),
            "MaxSessionDuration": .number(Number(role.sessionSeconds)),
        ]
        told["Description"] = role.description.map { .string($0) }
        if let boundary = role.boundary {
            told["PermissionsBoundary"] = [
                "PermissionsBoundaryType": "Policy",
                "PermissionsBoundaryArn": .string(boundary),
            ]
        }
        if !role.tags.isEmpty { told["Tags"] = Self.tags(role.tags) }
        return told
    }
}
