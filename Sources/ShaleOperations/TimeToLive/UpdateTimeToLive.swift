internal import ShaleTables
internal import ShaleWire

/// Lets items of a table expire, or not any more.
enum UpdateTimeToLive: Operation {
    static let name = "UpdateTimeToLive"
    private static let nameLengths = 1...255

    struct Request: Sendable {
        var tableName: String
        var specification: Specification
    }

    struct Specification: Sendable {
        var isEnabled: Bool
        var attributeName: String
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var tableName: String?
        var specification: Specification?
        var hasSpecification = false
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "TableName": tableName = try TableName.read(&reader, &constraints)
            case "TimeToLiveSpecification":
                hasSpecification = true
                specification = try self.specification(&reader, &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(tableName != nil, "tableName")
        constraints.require(hasSpecification, "timeToLiveSpecification")
        return Request(
            tableName: try constraints.required(tableName, "TableName"),
            specification: try constraints.required(specification, "TimeToLiveSpecification")
        )
    }

    private static func specification(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Specification? {
        let path = "timeToLiveSpecification"
        var isEnabled: Bool?
        var attributeName: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "Enabled": isEnabled = try reader.readBool()
            case "AttributeName":
                let text = try reader.readString()
                constraints.checkLength(of: text, in: nameLengths, at: path + ".attributeName")
                attributeName = text
            default: try reader.skipValue()
            }
        }
        constraints.require(attributeName != nil, path + ".attributeName")
        constraints.require(isEnabled != nil, path + ".enabled")
        guard let isEnabled, let attributeName else { return nil }
        return Specification(isEnabled: isEnabled, attributeName: attributeName)
    }

    static func call(
        _ request: Request,
        _ service: Service
    ) async throws(DatabaseError) -> Specification {
        try await service.database.updateTimeToLive(
            request.tableName,
            attributeName: request.specification.attributeName,
            isEnabled: request.specification.isEnabled
        )
        return request.specification
    }

    static func encode(
        _ response: Specification,
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("TimeToLiveSpecification")
        writer.beginObject()
        writer.name("Enabled")
        writer.bool(response.isEnabled)
        writer.member("AttributeName", response.attributeName)
        writer.endObject()
    }
}
