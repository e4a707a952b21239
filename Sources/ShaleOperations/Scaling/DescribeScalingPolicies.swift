internal import ShaleTables
internal import ShaleWire

/// Tells which policies there are, a page at a time.
enum DescribeScalingPolicies: ScalingOperation {
    static let name = "DescribeScalingPolicies"
    private static let mostNames = 50

    struct Request: Sendable {
        var filter = ScalingName()
        /// Only with these names; empty is with all.
        var names: [String] = []
        var page = ScalingPage()
    }

    struct Found: Sendable {
        var resource: ScalableResource
        var policy: ScalingPolicy
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        try reader.readStructure { (reader, name) throws(WireError) in
            if try request.filter.read(name, &reader, &constraints) { return }
            if try request.page.read(name, &reader, &constraints) { return }
            guard name == "PolicyNames" else { return try reader.skipValue() }
            request.names = try reader.readScalingNames(
                at: "policyNames",
                most: mostNames,
                &constraints
            )
        }
        constraints.require(request.filter.namespace != nil, "serviceNamespace")
        try constraints.finish()
        return request
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> (elements: ArraySlice<Found>, next: String?) {
        let all = service.database.scalableTargets.flatMap { target in
            target.policies.map { Found(resource: target.resource, policy: $0) }
        }
        return try request.page.page(
            of: all.filter { found in
                request.filter.covers(found.resource)
                    && (request.names.isEmpty
                        || request.names.contains {
                            $0.utf8.elementsEqual(found.policy.name.utf8)
                        })
            }
        )
    }

    static func encode(
        _ response: (elements: ArraySlice<Found>, next: String?),
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("ScalingPolicies")
        writer.array(Array(response.elements)) { writer, found in
            writer.beginObject()
            writer.member("PolicyARN", service.resourceName(of: found.policy, found.resource))
            writer.member("PolicyName", found.policy.name)
            writer.scalableResource(found.resource)
            writer.member("PolicyType", PutScalingPolicy.types[1])
            writer.name("TargetTrackingScalingPolicyConfiguration")
            writer.tracking(found.policy.configuration, found.resource.dimension)
            writer.name("Alarms")
            writer.beginArray()
            writer.endArray()
            writer.name("CreationTime")
            writer.date(milliseconds: found.policy.creationMilliseconds)
            writer.endObject()
        }
        writer.nextToken(response.next)
    }
}

extension JSONWriter {
    fileprivate mutating func tracking(
        _ configuration: ScalingPolicy.Configuration,
        _ dimension: ScalableResource.Dimension
    ) {
        beginObject()
        name("TargetValue")
        double(configuration.targetPercent)
        name("PredefinedMetricSpecification")
        beginObject()
        member(
            "PredefinedMetricType",
            dimension.isOfReads
                ? "DynamoDBReadCapacityUtilization" : "DynamoDBWriteCapacityUtilization"
        )
        endObject()
        if let seconds = configuration.scaleOutCooldownSeconds {
            member("ScaleOutCooldown", seconds)
        }
        if let seconds = configuration.scaleInCooldownSeconds { member("ScaleInCooldown", seconds) }
        if let isOff = configuration.disablesScaleIn { member("DisableScaleIn", isOff) }
        endObject()
    }
}
