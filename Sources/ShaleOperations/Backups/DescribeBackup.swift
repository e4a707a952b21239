internal import ShaleTables
internal import ShaleWire

/// Shows a backup and how its table was.
enum DescribeBackup: Operation {
    static let name = "DescribeBackup"

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> BackupName {
        try BackupName.readAlone(&reader, &constraints)
    }

    static func call(
        _ backup: BackupName,
        _ service: Service
    ) async throws(DatabaseError) -> BackupDescription {
        let identity = try backup.identity(service)
        do throws(DatabaseError) {
            return try service.database.describeBackup(identity)
        } catch {
            throw backup.naming(error)
        }
    }

    static func encode(
        _ response: BackupDescription,
        to request: BackupName,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.backupDescription(response, service)
    }
}
