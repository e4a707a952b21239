internal import ShaleTables
internal import ShaleWire

/// Makes a table with the items that another had at a time.
enum RestoreTableToPointInTime: Operation {
    static let name = "RestoreTableToPointInTime"

    struct Request: Sendable {
        var sourceName: String
        var time: RestoreTime
        var tableName: String
        var overrides: RestoreOverrides
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var members = RestoreMembers()
        var source: String?
        var usesLatest = false
        var milliseconds: Int64?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "SourceTableName":
                source = try TableName.read(&reader, &constraints, at: "sourceTableName")
            case "SourceTableArn":
                source = try TableName.read(&reader, &constraints, at: "sourceTableArn")
            case "UseLatestRestorableTime": usesLatest = try reader.readBool()
            case "RestoreDateTime": milliseconds = try reader.readMilliseconds()
            default:
                guard try !members.read(name, &reader, &constraints) else { return }
                try reader.skipValue()
            }
        }
        constraints.require(members.targetTableName != nil, "targetTableName")
        let target = try constraints.required(members.targetTableName, "TargetTableName")
        guard let source else {
            throw .validation("Either SourceTableName or SourceTableArn must be specified")
        }
        guard usesLatest != (milliseconds != nil) else {
            throw .validation(
                usesLatest
                    ? "Only one of UseLatestRestorableTime or RestoreDateTime can be specified"
                    : "Either UseLatestRestorableTime or RestoreDateTime must be specified"
            )
        }
        return Request(
            sourceName: source,
            time: milliseconds.map { .at($0) } ?? .latest,
            tableName: target,
            overrides: members.overrides
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> TableDescription {
        try await service.database.restoreTable(
            request.sourceName,
            at: request.time,
            to: request.tableName,
            request.overrides
        )
    }

    static func encode(
        _ table: TableDescription,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("TableDescription")
        writer.tableDescription(table, service)
    }
}
