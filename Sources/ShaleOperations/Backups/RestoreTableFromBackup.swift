internal import ShaleTables
internal import ShaleWire

/// Makes a table with the items of a backup.
enum RestoreTableFromBackup: Operation {
    static let name = "RestoreTableFromBackup"

    struct Request: Sendable {
        var backup: BackupName
        var tableName: String
        var overrides: RestoreOverrides
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var members = RestoreMembers()
        var backup: BackupName?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "BackupArn": backup = try BackupName.read(&reader, &constraints)
            default:
                guard try !members.read(name, &reader, &constraints) else { return }
                try reader.skipValue()
            }
        }
        constraints.require(members.targetTableName != nil, "targetTableName")
        constraints.require(backup != nil, "backupArn")
        return Request(
            backup: try constraints.required(backup, "BackupArn"),
            tableName: try constraints.required(members.targetTableName, "TargetTableName"),
            overrides: members.overrides
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> TableDescription {
        let identity = try request.backup.identity(service)
        do throws(DatabaseError) {
            return try await service.database.restoreTable(
                from: identity,
                to: request.tableName,
                request.overrides
            )
        } catch {
            throw request.backup.naming(error)
        }
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
