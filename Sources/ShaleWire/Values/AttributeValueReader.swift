public import ShaleItems

// DynamoDB JSON to attribute values: {"S": "text"}, {"N": "1.5"}, {"L": [{"BOOL": true}]}.
//
// Numbers are strings there, binary is base64, and a value is a structure with exactly one member.
// What is not of that form is refused in the service's words; what an attribute may hold beyond its
// form (sizes, duplicates in sets) is the business of the layers below.

extension JSONReader {
    /// Reads an item, or the key of one: attributes by name.
    public mutating func readItem() throws(WireError) -> Item {
        try readAttributes(level: 1)
    }

    /// Reads one attribute value.
    public mutating func readAttributeValue() throws(WireError) -> AttributeValue {
        try readAttributeValue(level: 1)
    }

    /// Growing costs more than a few places too many.
    private static let usualAttributeCount = 4

    private mutating func readAttributes(level: Int) throws(WireError) -> Item {
        var attributes: [(String, AttributeValue)] = []
        attributes.reserveCapacity(Self.usualAttributeCount)
        try readMap { (reader, name) throws(WireError) in
            if name.isEmpty { try reader.refuse(.validation("Empty attribute name")) }
            attributes.append((name, try reader.readAttributeValue(level: level)))
        }
        return Item(array: attributes)
    }

    private mutating func readAttributeValue(level: Int) throws(WireError) -> AttributeValue {
        var value: AttributeValue?
        var count = 0
        try readStructure { (reader, name) throws(WireError) in
            guard let type = AttributeType(rawValue: name) else { return try reader.skipValue() }
            count += 1
            value = try reader.readValue(of: type, level: level)
        }
        guard let value else {
            try refuse(
                .validation(
                    "Supplied AttributeValue is empty, must contain exactly one of the supported "
                        + "datatypes"
                )
            )
            return .null
        }
        if count > 1 {
            try refuse(
                .validation(
                    "Supplied AttributeValue has more than one datatypes set, must contain exactly "
                        + "one of the supported datatypes"
                )
            )
        }
        return value
    }

    private mutating func readValue(
        of type: AttributeType,
        level: Int
    ) throws(WireError) -> AttributeValue {
        switch type {
        case .string: return .string(try readString())
        case .number: return .number(try readNumber())
        case .binary: return .binary(try readBlob())
        case .bool: return .bool(try readBool())
        case .null:
            if try !readBool() {
                try refuse(invalid("Null attribute value types must have the value of true"))
            }
            return .null
        case .list, .map: return try readDocument(of: type, level: level)
        case .stringSet:
            let set = try readList { reader throws(WireError) in try reader.readString() }
            if set.isEmpty { try refuse(invalid("An string set  may not be empty")) }
            return .stringSet(set)
        case .numberSet:
            let set = try readList { reader throws(WireError) in try reader.readNumber() }
            if set.isEmpty { try refuse(invalid("An number set  may not be empty")) }
            return .numberSet(set)
        case .binarySet:
            let set = try readList { reader throws(WireError) in try reader.readBlob() }
            if set.isEmpty { try refuse(invalid("Binary sets should not be empty")) }
            return .binarySet(set)
        }
    }

    /// Reads a number, which is a string in DynamoDB JSON.
    private mutating func readNumber() throws(WireError) -> Number {
        let text = try readString()
        do {
            return try Number(text)
        } catch {
            try refuse(WireError(error))
            return Number(0)
        }
    }

    /// Reads base64.
    public mutating func readBlob() throws(WireError) -> [UInt8] {
        guard try peek() == .string else { throw try mismatch(.blob) }
        return try Base64.decode(try readStringToken())
    }

    /// Reads a list or map one level further down; one that is too deep is skipped.
    private mutating func readDocument(
        of type: AttributeType,
        level: Int
    ) throws(WireError) -> AttributeValue {
        guard level <= ItemLimits.nestingLevels else {
            try refuse(
                .validation(
                    "Nesting Levels have exceeded supported limits: Attributes in the item have "
                        + "nested levels beyond supported limit"
                )
            )
            try skipValue()
            return .null
        }
        guard type == .list else { return .map(try readAttributes(level: level + 1)) }
        return .list(
            try readList { reader throws(WireError) in
                try reader.readAttributeValue(level: level + 1)
            }
        )
    }

    private func invalid(_ reason: String) -> WireError {
        .validation("One or more parameter values were invalid: " + reason)
    }
}

extension WireError {
    /// What a client is told about a number, a key or an item that is refused.
    public init(_ error: ItemError) {
        switch error.code {
        case .malformedItem:
            self.init(.internalServerError, "A stored item cannot be read: \(error)")
        default:
            self.init(.validation, error.message)
        }
    }
}
