internal import ShaleTables
internal import ShaleWire

// How backups are named and written.

extension Service {
    /// The resource name of a backup.
    func resourceName(of backup: BackupIdentity) -> String {
        resourceName(ofTable: backup.tableName) + "/backup/" + backup.label
    }
}

/// A backup's resource name in a request.
struct BackupName: Sendable {
    static let lengths = 37...1024
    private static let mark = "/backup/"
    /// 14 digits, a hyphen, eight hexadecimal digits.
    private static let labelLength = 23

    var text: String

    /// Reads a name and notes what is wrong with its length.
    static func read(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints,
        at path: String = "backupArn"
    ) throws(WireError) -> BackupName {
        BackupName(text: try reader.readString(lengths, at: path, &constraints))
    }

    /// Reads a request that names a backup and nothing else.
    static func readAlone(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> BackupName {
        var name: BackupName?
        try reader.readStructure { (reader, member) throws(WireError) in
            switch member {
            case "BackupArn": name = try read(&reader, &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(name != nil, "backupArn")
        return try constraints.required(name, "BackupArn")
    }

    /// The backup that is named: one of this account and region.
    func identity(_ service: Service) throws(DatabaseError) -> BackupIdentity {
        guard let name = ResourceName(text), let table = name.tablePart, service.owns(name),
            let label = Self.label(name.resource, ofTable: table)
        else { throw DatabaseError(.validation, "Invalid BackupArn: \(text)") }
        return BackupIdentity(tableName: table, label: label)
    }

    private static func label(_ resource: String, ofTable table: String) -> String? {
        let rest = resource.utf8.dropFirst("table/".utf8.count + table.utf8.count)
        guard rest.starts(with: mark.utf8) else { return nil }
        let label = rest.dropFirst(mark.utf8.count)
        let isWhole =
            label.count == labelLength
            && label.allSatisfy {
                $0 == UInt8(ascii: "-") || (0x30...0x39).contains($0) || (0x61...0x66).contains($0)
            }
        return isWhole ? String(decoding: label, as: UTF8.self) : nil
    }

    /// Turns the error for a backup that is not there into the one that names the resource.
    func naming(_ error: DatabaseError) -> DatabaseError {
        guard error.code == .backupNotFound else { return error }
        return DatabaseError(.backupNotFound, "Backup not found: \(text)")
    }
}

extension JSONReader {
    /// Reads a time: seconds since 1970 with digits behind the point; gives milliseconds.
    mutating func readMilliseconds() throws(WireError) -> Int64 {
        guard try peek() == .number else { return Int64(try readInteger()) }
        let text = String(decoding: try readNumberText(), as: UTF8.self)
        guard let seconds = Double(text), seconds.magnitude < 1e15 else {
            throw .serialization("\(text) cannot be converted to Date")
        }
        return Int64((seconds * 1_000).rounded())
    }
}

extension JSONWriter {
    /// What both a list and a description say of a backup.
    private mutating func backupMembers(_ backup: BackupDescription, _ service: Service) {
        member("BackupArn", service.resourceName(of: backup.identity))
        member("BackupName", backup.name)
        member("BackupSizeBytes", backup.table.sizeBytes)
        member("BackupStatus", backup.status.rawValue)
        member("BackupType", backup.type.rawValue)
        name("BackupCreationDateTime")
        date(milliseconds: backup.createdMilliseconds)
        if let expiry = backup.expiryMilliseconds {
            name("BackupExpiryDateTime")
            date(milliseconds: expiry)
        }
    }

    mutating func backupDetails(_ backup: BackupDescription, _ service: Service) {
        name("BackupDetails")
        beginObject()
        backupMembers(backup, service)
        endObject()
    }

    mutating func backupSummary(_ backup: BackupDescription, _ service: Service) {
        beginObject()
        member("TableName", backup.table.tableName)
        member("TableId", backup.table.tableID)
        member("TableArn", service.resourceName(ofTable: backup.table.tableName))
        backupMembers(backup, service)
        endObject()
    }

    mutating func backupDescription(_ backup: BackupDescription, _ service: Service) {
        name("BackupDescription")
        beginObject()
        backupDetails(backup, service)
        sourceTable(backup.table, service)
        sourceFeatures(backup, service)
        endObject()
    }

    private mutating func sourceTable(_ table: TableDescription, _ service: Service) {
        name("SourceTableDetails")
        beginObject()
        member("TableName", table.tableName)
        member("TableId", table.tableID)
        member("TableArn", service.resourceName(ofTable: table.tableName))
        member("TableSizeBytes", table.sizeBytes)
        keySchema(table.keySchema)
        name("TableCreationDateTime")
        date(milliseconds: table.creationMilliseconds)
        plainThroughput(table.provisionedThroughput)
        onDemandThroughput(table.onDemandThroughput)
        member("ItemCount", table.itemCount)
        member("BillingMode", table.billingMode.rawValue)
        endObject()
    }

    private mutating func sourceFeatures(_ backup: BackupDescription, _ service: Service) {
        let table = backup.table
        name("SourceTableFeatureDetails")
        beginObject()
        if !table.localSecondaryIndexes.isEmpty {
            name("LocalSecondaryIndexes")
            array(table.localSecondaryIndexes) { writer, index in
                writer.beginObject()
                writer.indexShape(index)
                writer.endObject()
            }
        }
        if !table.globalSecondaryIndexes.isEmpty {
            name("GlobalSecondaryIndexes")
            array(table.globalSecondaryIndexes) { writer, index in
                writer.beginObject()
                writer.indexShape(index)
                writer.plainThroughput(index.provisionedThroughput)
                writer.onDemandThroughput(index.onDemandThroughput)
                writer.endObject()
            }
        }
        streamSpecification(table.stream, as: "StreamDescription")
        if let attribute = backup.expiryAttribute {
            name("TimeToLiveDescription")
            beginObject()
            member("TimeToLiveStatus", "ENABLED")
            member("AttributeName", attribute)
            endObject()
        }
        encryption(table.encryption, service)
        endObject()
    }

    private mutating func plainThroughput(_ throughput: ProvisionedThroughput) {
        name("ProvisionedThroughput")
        beginObject()
        member("ReadCapacityUnits", throughput.readCapacityUnits)
        member("WriteCapacityUnits", throughput.writeCapacityUnits)
        endObject()
    }

    mutating func continuousBackups(_ backups: ContinuousBackupsDescription) {
        name("ContinuousBackupsDescription")
        beginObject()
        member("ContinuousBackupsStatus", "ENABLED")
        name("PointInTimeRecoveryDescription")
        beginObject()
        member("PointInTimeRecoveryStatus", backups.recoveryDays == nil ? "DISABLED" : "ENABLED")
        if let days = backups.recoveryDays { member("RecoveryPeriodInDays", days) }
        if let earliest = backups.earliestMilliseconds {
            name("EarliestRestorableDateTime")
            date(milliseconds: earliest)
        }
        if let latest = backups.latestMilliseconds {
            name("LatestRestorableDateTime")
            date(milliseconds: latest)
        }
        endObject()
        endObject()
    }

    /// Says where a table was restored from.
    mutating func restoreSummary(_ restore: RestoreSummary?, _ service: Service) {
        guard let restore else { return }
        name("RestoreSummary")
        beginObject()
        if let backup = restore.backup {
            member("SourceBackupArn", service.resourceName(of: backup))
        }
        member("SourceTableArn", service.resourceName(ofTable: restore.sourceTableName))
        name("RestoreDateTime")
        date(milliseconds: restore.milliseconds)
        name("RestoreInProgress")
        bool(restore.isInProgress)
        endObject()
    }
}
