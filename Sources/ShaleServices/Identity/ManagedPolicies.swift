internal import ShaleIdentity
internal import ShaleItems

// Policies with names of their own: made, described, listed, deleted.

/// Makes a policy.
enum CreatePolicy: IdentityOperation {
    static let name = "CreatePolicy"
    static let shape: [Member] = [
        IdentityShapes.policy, Member("Path", IdentityShapes.path), IdentityShapes.document,
        Member("Description", IdentityShapes.description), Member("Tags", IdentityShapes.tags),
    ]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let document = members.text("PolicyDocument")
        try PolicyDocuments(kind: .permissions).check(document)
        let tags = try IdentityService.tags(members["Tags"])
        let policy = try await service.checked { () async throws(IdentityError) in
            try await service.identity.createPolicy(
                members.text("PolicyName"),
                document: document
            ) {
                $0.path = members["Path"]?.stringValue ?? "/"
                $0.description = members["Description"]?.stringValue
                $0.tags = tags
            }
        }
        let resource = service.identity.resourceName(policy)
        return ["Policy": .map(IdentityService.told(policy, resource, attachments: 0))]
    }
}

/// Describes a policy.
enum GetManagedPolicy: IdentityOperation {
    static let name = "GetPolicy"
    static let shape = [IdentityShapes.resource]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        let (policy, count) = try await service.checked { () async throws(IdentityError) in
            let policy = try await service.identity.policy(resource)
            return (policy, try await service.identity.roles(attached: resource).count)
        }
        var told = IdentityService.told(policy, resource, attachments: count)
        told["Tags"] = IdentityService.tags(policy.tags)
        return ["Policy": .map(told)]
    }
}

/// Lists policies: those that are kept, and those of the service that roles have.
enum ListPolicies: IdentityOperation {
    static let name = "ListPolicies"
    static let shape: [Member] =
        [
            Member("Scope", .word(["All", "AWS", "Local"])), Member("OnlyAttached", .flag),
            IdentityShapes.pathPrefix,
            Member("PolicyUsageFilter", .word(["PermissionsPolicy", "PermissionsBoundary"])),
        ] + IdentityShapes.page

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let scope = members["Scope"]?.stringValue ?? "All"
        let prefix = members["PathPrefix"]?.stringValue ?? "/"
        let isOnlyAttached = members["OnlyAttached"]?.boolValue ?? false
        let (found, counts) = try await service.checked { () async throws(IdentityError) in
            var counts: [String: Int] = [:]
            for role in try await service.identity.roles() {
                for resource in role.attached { counts[resource, default: 0] += 1 }
            }
            var found: [(resource: String, policy: Policy)] = []
            if scope != "AWS" {
                for policy in try await service.identity.policies() {
                    found.append((service.identity.resourceName(policy), policy))
                }
            }
            if scope != "Local" {
                for resource in counts.keys where ServicePolicies.isMeant(resource) {
                    found.append((resource, try await service.identity.policy(resource)))
                }
            }
            return (found, counts)
        }
        let told = found.filter { entry in
            entry.policy.path.hasPrefix(prefix)
                && (!isOnlyAttached || counts[entry.resource] != nil)
        }.map { entry in
            (
                name: entry.policy.name,
                told: AttributeValue.map(
                    IdentityService.told(
                        entry.policy,
                        entry.resource,
                        attachments: counts[entry.resource] ?? 0
                    )
                )
            )
        }
        return IdentityService.page("Policies", told, members)
    }
}

/// Deletes a policy.
enum DeletePolicy: IdentityOperation {
    static let name = "DeletePolicy"
    static let shape = [IdentityShapes.resource]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        try await service.checked { () async throws(IdentityError) in
            try await service.identity.deletePolicy(resource)
        }
        return nil
    }
}

/// Lists the roles to which a policy is attached; there are neither users nor groups.
enum ListEntitiesForPolicy: IdentityOperation {
    static let name = "ListEntitiesForPolicy"
    static let shape: [Member] =
        [
            IdentityShapes.resource,
            Member(
                "EntityFilter",
                .word(["User", "Role", "Group", "LocalManagedPolicy", "AWSManagedPolicy"])
            ),
            IdentityShapes.pathPrefix,
            Member("PolicyUsageFilter", .word(["PermissionsPolicy", "PermissionsBoundary"])),
        ] + IdentityShapes.page

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        let prefix = members["PathPrefix"]?.stringValue ?? "/"
        let filter = members["EntityFilter"]?.stringValue ?? "Role"
        let isBoundary = members["PolicyUsageFilter"]?.stringValue == "PermissionsBoundary"
        let roles = try await service.checked { () async throws(IdentityError) in
            _ = try await service.identity.policy(resource)
            return try await service.identity.roles()
        }
        let told = roles.filter { role in
            filter == "Role" && role.path.hasPrefix(prefix)
                && (isBoundary ? role.boundary == resource : role.attached.contains(resource))
        }.map { role in
            (
                name: role.name,
                told: AttributeValue.map([
                    "RoleName": .string(role.name), "RoleId": .string(role.identity),
                ])
            )
        }
        var answer = IdentityService.page("PolicyRoles", told, members)
        answer["PolicyGroups"] = []
        answer["PolicyUsers"] = []
        return answer
    }
}

extension IdentityService {
    /// A policy as the service tells it.
    static func told(_ policy: Policy, _ resource: String, attachments: Int) -> Item {
        var told: Item = [
            "PolicyName": .string(policy.name), "PolicyId": .string(policy.identity),
            "Arn": .string(resource), "Path": .string(policy.path),
            "DefaultVersionId": .string("v\(policy.defaultVersion)"),
            "AttachmentCount": .number(Number(attachments)), "PermissionsBoundaryUsageCount": 0,
            "IsAttachable": true, "CreateDate": date(policy.createdMilliseconds),
            "UpdateDate": date(policy.changedMilliseconds),
        ]
        told["Description"] = policy.description.map { .string($0) }
        if !policy.tags.isEmpty { told["Tags"] = tags(policy.tags) }
        return told
    }
}
