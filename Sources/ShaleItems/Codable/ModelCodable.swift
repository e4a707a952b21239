/// Numbers, attribute values and items as properties of `Codable` types.
///
/// `AttributeEncoder` and `AttributeDecoder` take them as they are. Any other coder sees a number
/// as its text, a value as a map from the short name of its type ("S", "N", …) to its content, and
/// an item as a map of such values.
extension Number: Codable {
    /// Writes the number's text.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.singleValueContainer()
        try container.encode(description)
    }

    /// Reads a number's text.
    public init(from decoder: any Decoder) throws {
        try self.init(decoder.singleValueContainer().decode(String.self))
    }
}

extension Item: Codable {
    /// Writes the attributes as a map.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: NameKey.self)
        for (name, value) in self { try container.encode(value, forKey: NameKey(name)) }
    }

    /// Reads a map of attribute values.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: NameKey.self)
        self.init()
        for key in container.allKeys {
            self[key.stringValue] = try container.decode(AttributeValue.self, forKey: key)
        }
    }
}

extension AttributeType: CodingKey {}

extension AttributeValue: Codable {
    /// Writes a map of one entry: type to content.
    public func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: AttributeType.self)
        switch self {
        case .string(let text): try container.encode(text, forKey: type)
        case .number(let number): try container.encode(number, forKey: type)
        case .binary(let bytes): try container.encode(bytes, forKey: type)
        case .bool(let flag): try container.encode(flag, forKey: type)
        case .null: try container.encode(true, forKey: type)
        case .list(let list): try container.encode(list, forKey: type)
        case .map(let map): try container.encode(map, forKey: type)
        case .stringSet(let set): try container.encode(set, forKey: type)
        case .numberSet(let set): try container.encode(set, forKey: type)
        case .binarySet(let set): try container.encode(set, forKey: type)
        }
    }

    /// Reads a map of one entry: type to content.
    public init(from decoder: any Decoder) throws {
        let container = try decoder.container(keyedBy: AttributeType.self)
        guard let type = container.allKeys.first, container.allKeys.count == 1 else {
            throw ItemError(
                .notConvertible,
                path: pathText(decoder.codingPath),
                "Supplied AttributeValue must contain exactly one of the supported datatypes"
            )
        }
        switch type {
        case .string: self = .string(try container.decode(String.self, forKey: type))
        case .number: self = .number(try container.decode(Number.self, forKey: type))
        case .binary: self = .binary(try container.decode([UInt8].self, forKey: type))
        case .bool: self = .bool(try container.decode(Bool.self, forKey: type))
        case .null:
            _ = try container.decode(Bool.self, forKey: type)
            self = .null
        case .list: self = .list(try container.decode([AttributeValue].self, forKey: type))
        case .map: self = .map(try container.decode(AttributeMap.self, forKey: type))
        case .stringSet: self = .stringSet(try container.decode([String].self, forKey: type))
        case .numberSet: self = .numberSet(try container.decode([Number].self, forKey: type))
        case .binarySet: self = .binarySet(try container.decode([[UInt8]].self, forKey: type))
        }
    }
}
