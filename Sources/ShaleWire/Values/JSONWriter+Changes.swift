package import ShaleTables

// A change of a table as JSON: a record of GetRecords, and of the events of functions.

extension JSONWriter {
    /// Writes a change of a table as readers of streams get it.
    ///
    /// - Parameters:
    ///   - record: The change.
    ///   - region: Where it happened.
    ///   - source: The stream's resource name, which functions are told.
    package mutating func changeRecord(
        _ record: ChangeRecord,
        region: String,
        source: String? = nil
    ) {
        beginObject()
        member("eventID", Self.identity(of: record))
        member("eventName", record.event.rawValue)
        member("eventVersion", "1.1")
        member("eventSource", "aws:dynamodb")
        member("awsRegion", region)
        if let source { member("eventSourceARN", source) }
        name("dynamodb")
        beginObject()
        name("ApproximateCreationDateTime")
        // Whole seconds, as the service has them.
        integer(Int(record.milliseconds / 1_000))
        name("Keys")
        item(record.keys)
        if let image = record.newImage {
            name("NewImage")
            item(image)
        }
        if let image = record.oldImage {
            name("OldImage")
            item(image)
        }
        member("SequenceNumber", record.sequence.description)
        member("SizeBytes", record.sizeBytes)
        member("StreamViewType", record.viewType.rawValue)
        endObject()
        if record.isExpiry {
            name("userIdentity")
            beginObject()
            // Functions are told in other letters than readers of streams ("Using DynamoDB Time to Live").
            member(source == nil ? "PrincipalId" : "principalId", "dynamodb.amazonaws.com")
            member(source == nil ? "Type" : "type", "Service")
            endObject()
        }
        endObject()
    }

    /// 32 hexadecimal digits, the same whenever the record is read.
    private static func identity(of record: ChangeRecord) -> String {
        let digits = String(UInt128(record.sequence.description) ?? 0, radix: 16)
        return String(repeating: "0", count: max(0, 32 - digits.utf8.count)) + digits
    }
}
