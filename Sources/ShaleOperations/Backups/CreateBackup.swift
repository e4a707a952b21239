internal import ShaleTables
internal import ShaleWire

/// Makes a backup of a table.
enum CreateBackup: Operation {
    static let name = "CreateBackup"

    struct Request: Sendable {
        var tableName: String
        var backupName: String
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var tableName: String?
        var backupName: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableName": tableName = try TableName.read(&reader, &constraints)
            case "BackupName":
                backupName = try reader.readIndexName(at: "backupName", &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(tableName != nil, "tableName")
        constraints.require(backupName != nil, "backupName")
        return Request(
            tableName: try constraints.required(tableName, "TableName"),
            backupName: try constraints.required(backupName, "BackupName")
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> BackupDescription {
        try await service.database.createBackup(request.tableName, name: request.backupName)
    }

    static func encode(
        _ response: BackupDescription,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.backupDetails(response, service)
    }
}
