internal import ShaleTables
internal import ShaleWire

/// Lets a table keep its past, or not any more.
enum UpdateContinuousBackups: Operation {
    static let name = "UpdateContinuousBackups"
    private static let days = 1...35

    struct Request: Sendable {
        var tableName: String
        /// Nil keeps nothing.
        var days: Int?
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        let path = "pointInTimeRecoverySpecification"
        var tableName: String?
        var isEnabled: Bool?
        var period: Int?
        var hasSpecification = false
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableName": tableName = try TableName.read(&reader, &constraints)
            case "PointInTimeRecoverySpecification":
                hasSpecification = true
                try reader.readStructure { (reader, name) throws(WireError) in
                    switch name {
                    case "PointInTimeRecoveryEnabled": isEnabled = try reader.readBool()
                    case "RecoveryPeriodInDays":
                        period = try reader.readInteger()
                        constraints.check(period, in: days, at: path + ".recoveryPeriodInDays")
                    default: try reader.skipValue()
                    }
                }
                constraints.require(isEnabled != nil, path + ".pointInTimeRecoveryEnabled")
            default: try reader.skipValue()
            }
        }
        constraints.require(tableName != nil, "tableName")
        constraints.require(hasSpecification, path)
        let enabled = try constraints.required(isEnabled, "PointInTimeRecoverySpecification")
        guard enabled || period == nil else {
            throw .validation(
                "RecoveryPeriodInDays can only be specified when PointInTimeRecoveryEnabled is true"
            )
        }
        return Request(
            tableName: try constraints.required(tableName, "TableName"),
            days: enabled ? period ?? days.upperBound : nil
        )
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> ContinuousBackupsDescription {
        try await service.database.updateContinuousBackups(
            request.tableName,
            recoveryDays: request.days
        )
    }

    static func encode(
        _ response: ContinuousBackupsDescription,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.continuousBackups(response)
    }
}
