internal import ShaleIdentity
internal import ShaleItems

// What of a role can be changed: its description and session, who may take it, its boundary, its tags.

/// Changes the description and the session of a role; what is not named stays.
enum UpdateRole: IdentityOperation {
    static let name = "UpdateRole"
    static let shape: [Member] = [
        IdentityShapes.role, Member("Description", IdentityShapes.description),
        Member("MaxSessionDuration", IdentityShapes.session),
    ]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        try await service.change(members) { (role) throws(IdentityError) in
            if let text = members["Description"]?.stringValue { role.description = text }
            if let seconds = members["MaxSessionDuration"]?.numberValue?.intValue {
                role.sessionSeconds = seconds
            }
        }
        return [:]
    }
}

/// Changes the description of a role.
enum UpdateRoleDescription: IdentityOperation {
    static let name = "UpdateRoleDescription"
    static let shape: [Member] = [
        IdentityShapes.role, .required("Description", IdentityShapes.description),
    ]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        try await service.change(members) { (role) throws(IdentityError) in
            role.description = members["Description"]?.stringValue
        }
        let role = try await service.checked { () async throws(IdentityError) in
            try await service.identity.role(members.text("RoleName"))
        }
        return ["Role": .map(service.told(role))]
    }
}

/// Says anew who may take a role.
enum UpdateAssumeRolePolicy: IdentityOperation {
    static let name = "UpdateAssumeRolePolicy"
    static let shape = [IdentityShapes.role, IdentityShapes.document]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let trust = members.text("PolicyDocument")
        try PolicyDocuments(kind: .trust).check(trust)
        try await service.change(members) { (role) throws(IdentityError) in role.trust = trust }
        return nil
    }
}

/// Bounds a role by a policy.
enum PutRolePermissionsBoundary: IdentityOperation {
    static let name = "PutRolePermissionsBoundary"
    static let shape: [Member] = [
        IdentityShapes.role, .required("PermissionsBoundary", .text(20...2_048)),
    ]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let boundary = members.text("PermissionsBoundary")
        _ = try await service.checked { () async throws(IdentityError) in
            try await service.identity.policy(boundary)
        }
        try await service.change(members) { (role) throws(IdentityError) in
            role.boundary = boundary
        }
        return nil
    }
}

/// Bounds a role no more.
enum DeleteRolePermissionsBoundary: IdentityOperation {
    static let name = "DeleteRolePermissionsBoundary"
    static let shape = [IdentityShapes.role]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        try await service.change(members) { (role) throws(IdentityError) in
            guard role.boundary != nil else {
                throw IdentityError(
                    .noSuchEntity,
                    "The role with name \(role.name) has no permissions boundary."
                )
            }
            role.boundary = nil
        }
        return nil
    }
}

/// Adds tags to a role.
enum TagRole: IdentityOperation {
    static let name = "TagRole"
    static let shape: [Member] = [IdentityShapes.role, .required("Tags", IdentityShapes.tags)]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let tags = try IdentityService.tags(members["Tags"])
        try await service.change(members) { (role) throws(IdentityError) in
            role.tags.merge(tags) { $1 }
        }
        return nil
    }
}

/// Takes tags away from a role.
enum UntagRole: IdentityOperation {
    static let name = "UntagRole"
    static let shape: [Member] = [IdentityShapes.role, IdentityShapes.tagKeys]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let names = members["TagKeys"]?.listValue?.compactMap(\.stringValue) ?? []
        try await service.change(members) { (role) throws(IdentityError) in
            for name in names { role.tags[name] = nil }
        }
        return nil
    }
}

/// Lists the tags of a role.
enum ListRoleTags: IdentityOperation {
    static let name = "ListRoleTags"
    static let shape = [IdentityShapes.role] + IdentityShapes.page

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let role = try await service.checked { () async throws(IdentityError) in
            try await service.identity.role(members.text("RoleName"))
        }
        return ["Tags": IdentityService.tags(role.tags), "IsTruncated": false]
    }
}

extension IdentityService {
    /// Changes the role that a request names.
    func change(
        _ members: Item,
        _ change: (inout Role) throws(IdentityError) -> Void
    ) async throws(RestError) {
        try await checked { () async throws(IdentityError) in
            try await identity.changeRole(members.text("RoleName"), change)
        }
    }
}
