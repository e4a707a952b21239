internal import ShaleTables
internal import ShaleWire

// Tags of what is scaled. Operations of tables have the same names; their targets differ.

/// Puts tags on something that is scaled.
enum TagScalableTarget: ScalingOperation {
    static let name = "TagResource"
    static let notFound = WireError.Code.resourceNotFound

    struct Request: Sendable {
        var resource: String
        var tags: [String: String]
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var resource: String?
        var tags: [String: String]?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ResourceARN": resource = try reader.readScalableARN(&constraints)
            case "Tags": tags = try reader.readScalingTags(&constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(resource != nil, "resourceARN")
        constraints.require(tags != nil, "tags")
        return Request(
            resource: try constraints.required(resource, "ResourceARN"),
            tags: try constraints.required(tags, "Tags")
        )
    }

    static func call(_ request: Request, _ service: Service) async throws(DatabaseError) {
        try await service.database.changeScalableTargetTags(
            try service.scalableID(request.resource),
            putting: request.tags
        )
    }

    static func encode(
        _ response: (),
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {}
}

/// Takes tags off something that is scaled.
enum UntagScalableTarget: ScalingOperation {
    static let name = "UntagResource"
    static let notFound = WireError.Code.resourceNotFound
    private static let mostKeys = 200

    struct Request: Sendable {
        var resource: String
        var keys: [String]
    }

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> Request {
        var resource: String?
        var keys: [String]?
        try reader.readStructure { (reader, name) throws(WireError) in
            switch name {
            case "ResourceARN": resource = try reader.readScalableARN(&constraints)
            case "TagKeys":
                keys = try reader.readScalingNames(at: "tagKeys", most: mostKeys, &constraints)
            default: try reader.skipValue()
            }
        }
        constraints.require(resource != nil, "resourceARN")
        constraints.require(keys != nil, "tagKeys")
        return Request(
            resource: try constraints.required(resource, "ResourceARN"),
            keys: try constraints.required(keys, "TagKeys")
        )
    }

    static func call(_ request: Request, _ service: Service) async throws(DatabaseError) {
        try await service.database.changeScalableTargetTags(
            try service.scalableID(request.resource),
            removing: request.keys
        )
    }

    static func encode(
        _ response: (),
        to request: Request,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {}
}

/// Tells the tags of something that is scaled.
enum ListTagsForResource: ScalingOperation {
    static let name = "ListTagsForResource"
    static let notFound = WireError.Code.resourceNotFound

    static func decode(
        _ reader: inout JSONReader,
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        var resource: String?
        try reader.readStructure { (reader, name) throws(WireError) in
            guard name == "ResourceARN" else { return try reader.skipValue() }
            resource = try reader.readScalableARN(&constraints)
        }
        constraints.require(resource != nil, "resourceARN")
        return try constraints.required(resource, "ResourceARN")
    }

    static func call(
        _ resource: String,
        _ service: Service
    ) async throws(DatabaseError) -> [String: String] {
        try await service.database.changeScalableTargetTags(try service.scalableID(resource))
    }

    static func encode(
        _ tags: [String: String],
        to request: String,
        _ service: Service,
        _ writer: inout JSONWriter
    ) {
        writer.name("Tags")
        writer.beginObject()
        for (key, value) in tags.sorted(by: { $0.key < $1.key }) { writer.member(key, value) }
        writer.endObject()
    }
}

extension JSONReader {
    fileprivate mutating func readScalableARN(
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        try readString(1...1_011, at: "resourceARN", &constraints)
    }

    /// Reads tags as a map of texts.
    mutating func readScalingTags(
        _ constraints: inout Constraints
    ) throws(WireError) -> [String: String] {
        var tags: [String: String] = [:]
        try readMap { (reader, key) throws(WireError) in
            constraints.checkLength(of: key, in: TableLimits.tagKeyLength, at: "tags.key")
            tags[key] = try reader.readString(
                0...TableLimits.tagValueLength,
                at: "tags.\(key.prefix(128)).member",
                &constraints
            )
        }
        return tags
    }

    /// Reads a list of names.
    mutating func readScalingNames(
        at path: String,
        most: Int,
        _ constraints: inout Constraints
    ) throws(WireError) -> [String] {
        var names: [String] = []
        try readEach(at: path) { (reader, path) throws(WireError) in
            names.append(
                try reader.readString(ScalingName.resourceLengths, at: path, &constraints)
            )
        }
        constraints.checkLength("[\(names.count) members]", names.count, 0...most, at: path)
        return names
    }

    /// Reads a number.
    mutating func readDouble() throws(WireError) -> Double {
        guard try peek() == .number,
            let value = Double(String(decoding: try readNumberText(), as: UTF8.self))
        else { throw .serialization("STRING_VALUE cannot be converted to Double") }
        return value
    }
}
