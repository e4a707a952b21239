internal import ShaleTables
internal import ShaleWire

/// Tells what may be scaled, a page at a time.
enum DescribeScalableTargets: ScalingOperation {
    static let name = "DescribeScalableTargets"
    private static let mostResources = 50

    struct Request: Sendable {
        var filter = ScalingName()
        /// Only of these; empty is of all.
        var resources: [String] = []
        var page = ScalingPage()
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        try reader.readStructure { (reader, name) throws(WireError) in
            if name != "ResourceId", try request.filter.read(name, &reader, &constraints) { return }
            if try request.page.read(name, &reader, &constraints) { return }
            guard name == "ResourceIds" else { return try reader.skipValue() }
            request.resources = try reader.readScalingNames(
                at: "resourceIds",
                most: mostResources,
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
    ) async throws(DatabaseError) -> (elements: ArraySlice<ScalableTarget>, next: String?) {
        try request.page.page(
            of: service.database.scalableTargets.filter { target in
                request.filter.covers(target.resource)
                    && (request.resources.isEmpty
                        || request.resources.contains {
                            $0.utf8.elementsEqual(target.resource.identity.utf8)
                        })
            }
        )
    }

    static func encode(
        _ response: (elements: ArraySlice<ScalableTarget>, next: String?),
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("ScalableTargets")
        writer.array(Array(response.elements)) { writer, target in
            writer.beginObject()
            writer.scalableResource(target.resource)
            writer.member("MinCapacity", target.minimum)
            writer.member("MaxCapacity", target.maximum)
            writer.member("RoleARN", target.role ?? service.scalingRole)
            writer.name("CreationTime")
            writer.date(milliseconds: target.creationMilliseconds)
            writer.name("SuspendedState")
            writer.beginObject()
            writer.member("DynamicScalingInSuspended", target.suspended.scalingIn)
            writer.member("DynamicScalingOutSuspended", target.suspended.scalingOut)
            writer.member("ScheduledScalingSuspended", target.suspended.scheduled)
            writer.endObject()
            writer.member("ScalableTargetARN", service.resourceName(of: target))
            writer.endObject()
        }
        writer.nextToken(response.next)
    }
}
