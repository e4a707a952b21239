internal import ShaleTables
internal import ShaleWire

/// Deletes a backup.
enum DeleteBackup: Operation {
    static let name = "DeleteBackup"

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
            return try await service.database.deleteBackup(identity)
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
