internal import ShaleTables
internal import ShaleWire

/// Descriptions of what is not there, and of what is off at every table.
enum AbsentDescriptions {
    static let operations: [String: AbsentFeatures.Run] =
        missing.merging(switchedOff) { first, _ in first }

    /// Asks for one thing of which there is none.
    private static let missing: [String: AbsentFeatures.Run] = [
        "DescribeGlobalTable": none(
            "GlobalTableName",
            .table,
            .globalTableNotFound,
            "Global table"
        ),
        "DescribeGlobalTableSettings": none(
            "GlobalTableName",
            .table,
            .globalTableNotFound,
            "Global table"
        ),
    ]

    private static func none(
        _ member: String,
        _ rule: AbsentShape.Rule,
        _ code: WireError.Code,
        _ thing: String
    ) -> AbsentFeatures.Run {
        let shape = AbsentShape(members: [member: rule], required: [member])
        return { (body, _) throws(WireError) in
            let name = try shape.read(body.array)[member] ?? ""
            throw WireError(code, "\(thing) not found: \(name)")
        }
    }

    /// Asks what is off at a table that must be there.
    private static let switchedOff: [String: AbsentFeatures.Run] = [
        "DescribeContributorInsights": { (body, service) throws(WireError) in
            try describe(body, service) { writer, table, index in
                writer.member("TableName", table)
                if let index { writer.member("IndexName", index) }
                writer.name("ContributorInsightsRuleList")
                writer.beginArray()
                writer.endArray()
                writer.member("ContributorInsightsStatus", "DISABLED")
            }
        },
        "DescribeKinesisStreamingDestination": { (body, service) throws(WireError) in
            try describe(body, service) { writer, table, _ in
                writer.member("TableName", table)
                writer.name("KinesisDataStreamDestinations")
                writer.beginArray()
                writer.endArray()
            }
        },
        "DescribeTableReplicaAutoScaling": { (body, service) throws(WireError) in
            try describe(body, service) { writer, table, _ in
                writer.name("TableAutoScalingDescription")
                writer.beginObject()
                writer.member("TableName", table)
                writer.member("TableStatus", "ACTIVE")
                writer.name("Replicas")
                writer.beginArray()
                writer.endArray()
                writer.endObject()
            }
        },
    ]

    private static let tableShape = AbsentShape(
        members: ["TableName": .table, "IndexName": .index],
        required: ["TableName"]
    )

    private static func describe(
        _ body: RequestBody,
        _ service: Service,
        _ write: (inout JSONWriter, String, String?) -> Void
    ) throws(WireError) -> [UInt8] {
        let texts = try tableShape.read(body.array)
        let table = texts["TableName"] ?? ""
        do throws(DatabaseError) {
            _ = try service.database.describeTable(table)
        } catch {
            throw WireError(error)
        }
        var writer = JSONWriter()
        writer.beginObject()
        write(&writer, table, texts["IndexName"])
        writer.endObject()
        return writer.bytes
    }
}
