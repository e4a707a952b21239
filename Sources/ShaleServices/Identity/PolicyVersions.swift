internal import ShaleIdentity
internal import ShaleItems

// Versions and tags of policies.

/// Adds a version to a policy.
enum CreatePolicyVersion: IdentityOperation {
    static let name = "CreatePolicyVersion"
    static let shape: [Member] = [
        IdentityShapes.resource, IdentityShapes.document, Member("SetAsDefault", .flag),
    ]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        let document = members.text("PolicyDocument")
        try PolicyDocuments(kind: .permissions).check(document)
        let isDefault = members["SetAsDefault"]?.boolValue ?? false
        let version = try await service.checked { () async throws(IdentityError) in
            try await service.identity.createVersion(
                of: resource,
                document: document,
                isDefault: isDefault
            )
        }
        return ["PolicyVersion": .map(told(version, isDefault: isDefault))]
    }

    /// A version as lists tell it: without its document.
    static func told(_ version: Policy.Version, isDefault: Bool) -> Item {
        [
            "VersionId": .string("v\(version.number)"), "IsDefaultVersion": .bool(isDefault),
            "CreateDate": IdentityService.date(version.createdMilliseconds),
        ]
    }
}

/// Tells a version of a policy.
enum GetPolicyVersion: IdentityOperation {
    static let name = "GetPolicyVersion"
    static let shape = [IdentityShapes.resource, IdentityShapes.version]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        let number = IdentityShapes.number(members.text("VersionId"))
        let (version, isDefault) = try await service.checked { () async throws(IdentityError) in
            let policy = try await service.identity.policy(resource)
            return (try policy.version(number), policy.defaultVersion == number)
        }
        var told = CreatePolicyVersion.told(version, isDefault: isDefault)
        told["Document"] = .string(PercentCoding.encoded(version.document))
        return ["PolicyVersion": .map(told)]
    }
}

/// Lists the versions of a policy, the latest first.
enum ListPolicyVersions: IdentityOperation {
    static let name = "ListPolicyVersions"
    static let shape = [IdentityShapes.resource] + IdentityShapes.page

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        let policy = try await service.checked { () async throws(IdentityError) in
            try await service.identity.policy(resource)
        }
        let told = policy.versions.reversed().map { version in
            AttributeValue.map(
                CreatePolicyVersion.told(
                    version,
                    isDefault: version.number == policy.defaultVersion
                )
            )
        }
        return ["Versions": .list(told), "IsTruncated": false]
    }
}

/// Deletes a version of a policy.
enum DeletePolicyVersion: IdentityOperation {
    static let name = "DeletePolicyVersion"
    static let shape = [IdentityShapes.resource, IdentityShapes.version]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        try await service.checked { () async throws(IdentityError) in
            try await service.identity.deleteVersion(
                IdentityShapes.number(members.text("VersionId")),
                of: resource
            )
        }
        return nil
    }
}

/// Says which version of a policy counts.
enum SetDefaultPolicyVersion: IdentityOperation {
    static let name = "SetDefaultPolicyVersion"
    static let shape = [IdentityShapes.resource, IdentityShapes.version]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        try await service.checked { () async throws(IdentityError) in
            try await service.identity.setDefaultVersion(
                IdentityShapes.number(members.text("VersionId")),
                of: resource
            )
        }
        return nil
    }
}

/// Adds tags to a policy.
enum TagPolicy: IdentityOperation {
    static let name = "TagPolicy"
    static let shape: [Member] = [IdentityShapes.resource, .required("Tags", IdentityShapes.tags)]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        let tags = try IdentityService.tags(members["Tags"])
        _ = try await service.checked { () async throws(IdentityError) in
            try await service.identity.changePolicy(resource) { (policy) throws(IdentityError) in
                policy.tags.merge(tags) { $1 }
            }
        }
        return nil
    }
}

/// Takes tags away from a policy.
enum UntagPolicy: IdentityOperation {
    static let name = "UntagPolicy"
    static let shape: [Member] = [IdentityShapes.resource, IdentityShapes.tagKeys]

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        let names = members["TagKeys"]?.listValue?.compactMap(\.stringValue) ?? []
        _ = try await service.checked { () async throws(IdentityError) in
            try await service.identity.changePolicy(resource) { (policy) throws(IdentityError) in
                for name in names { policy.tags[name] = nil }
            }
        }
        return nil
    }
}

/// Lists the tags of a policy.
enum ListPolicyTags: IdentityOperation {
    static let name = "ListPolicyTags"
    static let shape = [IdentityShapes.resource] + IdentityShapes.page

    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item? {
        let resource = try IdentityService.resource(members)
        let policy = try await service.checked { () async throws(IdentityError) in
            try await service.identity.policy(resource)
        }
        return ["Tags": IdentityService.tags(policy.tags), "IsTruncated": false]
    }
}
