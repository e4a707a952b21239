internal import ShaleTables
internal import ShaleWire

/// Tells what was done to capacities in the last six weeks, a page at a time, the latest first.
enum DescribeScalingActivities: ScalingOperation {
    static let name = "DescribeScalingActivities"

    struct Request: Sendable {
        var filter = ScalingName()
        var page = ScalingPage()
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var request = Request()
        try reader.readStructure { (reader, name) throws(WireError) in
            if try request.filter.read(name, &reader, &constraints) { return }
            if try request.page.read(name, &reader, &constraints) { return }
            switch name {
            // What was not done is not remembered.
            case "IncludeNotScaledActivities": _ = try reader.readBool()
            default: try reader.skipValue()
            }
        }
        constraints.require(request.filter.namespace != nil, "serviceNamespace")
        try constraints.finish()
        return request
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> (activities: [ScalingActivity], last: String?) {
        try await service.database.scalingActivities(
            after: try request.page.position(),
            limit: request.page.limit
        ) { request.filter.covers($0.resource) }
    }

    static func encode(
        _ response: (activities: [ScalingActivity], last: String?),
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("ScalingActivities")
        writer.array(response.activities) { writer, activity in
            writer.beginObject()
            writer.member("ActivityId", activity.id)
            writer.scalableResource(activity.resource)
            writer.member("Description", activity.description)
            writer.member("Cause", activity.cause)
            writer.name("StartTime")
            writer.date(milliseconds: activity.startMilliseconds)
            writer.name("EndTime")
            writer.date(milliseconds: activity.endMilliseconds)
            writer.member("StatusCode", activity.status.rawValue)
            writer.member("StatusMessage", activity.statusMessage)
            writer.endObject()
        }
        writer.nextToken(response.last)
    }
}
