public import ShaleItems

// DynamoDB JSON to attribute values: {"S": "text"}, {"N": "1.5"}, {"L": [{"BOOL": true}]}.
//
// Numbers are strings there, binary is base64, and a value is a structure with exactly one member.
// What is not of that form is refused in the service's words, and so is what no value may be: a set
// with an element twice, a value that lies too deep. Sizes are the business of the layers below.

extension JSONReader {
    /// Reads an item, or the key of one: attributes by name.
    public mutating func readItem() throws(WireError) -> Item {
        // Of an item that is the first with something wrong the gravest is told, else nothing of it.
        gravest = deferredError == nil ? .other : .name
        let item = try readAttributes(level: 1)
        gravest = .name
        return item
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
            if name.isEmpty {
                try reader.refuseValue("Empty attribute name", level == 1 ? .name : .other)
            }
            attributes.append((name, try reader.readAttributeValue(level: level)))
        }
        return Item(array: attributes)
    }

    private mutating func readAttributeValue(level: Int) throws(WireError) -> AttributeValue {
        guard level <= ItemLimits.nestingLevels else {
            try refuseValue(ItemError.nestingTooDeep.message, .depth)
            try skipValue()
            return .null
        }
        var value: AttributeValue?
        var count = 0
        try readStructure { (reader, name) throws(WireError) in
            guard let type = AttributeType(rawValue: name) else { return try reader.skipValue() }
            count += 1
            value = try reader.readValue(of: type, level: level)
        }
        guard let value else {
            try refuseValue(
                "Supplied AttributeValue is empty, must contain exactly one of the supported "
                    + "datatypes"
            )
            return .null
        }
        if count > 1 {
            try refuseValue(
                "Supplied AttributeValue has more than one datatypes set, must contain exactly "
                    + "one of the supported datatypes"
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
                try refuseInvalid("Null attribute value types must have the value of true")
            }
            return .null
        case .list:
            return .list(
                try readList { reader throws(WireError) in
                    try reader.readAttributeValue(level: level + 1)
                }
            )
        case .map: return .map(try readAttributes(level: level + 1))
        case .stringSet:
            let set = try readList { reader throws(WireError) in try reader.readString() }
            if set.isEmpty { try refuseInvalid("An string set  may not be empty") }
            return try distinct(.stringSet(set))
        case .numberSet:
            let set = try readList { reader throws(WireError) in try reader.readNumber() }
            if set.isEmpty { try refuseInvalid("An number set  may not be empty") }
            return try distinct(.numberSet(set))
        case .binarySet:
            let set = try readList { reader throws(WireError) in try reader.readBlob() }
            if set.isEmpty { try refuseInvalid("Binary sets should not be empty") }
            return try distinct(.binarySet(set))
        }
    }

    private mutating func distinct(_ set: AttributeValue) throws(WireError) -> AttributeValue {
        if let error = set.duplicate(valueWords.layer) { try refuseValue(error.message) }
        return set
    }

    /// Reads a number, which is a string in DynamoDB JSON.
    private mutating func readNumber() throws(WireError) -> Number {
        let text = try readString()
        do {
            return try Number(text)
        } catch {
            // The newer layer repeats also the text that is empty.
            let isRepeated = text.isEmpty && valueWords.layer == .newer
            try refuseValue(error.message + (isRepeated ? ": " : ""))
            return Number(0)
        }
    }

    /// Reads base64.
    public mutating func readBlob() throws(WireError) -> [UInt8] {
        guard try peek() == .string else { throw try mismatch(.blob) }
        return try Base64.decode(try readStringToken())
    }

    private mutating func refuseInvalid(_ reason: String) throws(WireError) {
        try refuseValue("One or more parameter values were invalid: " + reason)
    }

    private mutating func refuseValue(
        _ message: String,
        _ gravity: Gravity = .other
    ) throws(WireError) {
        let error = WireError.validation(valueWords.told(message))
        if deferredError != nil, gravity < gravest {
            refuseBefore(error)
        } else {
            try refuse(error)
        }
        gravest = min(gravest, gravity)
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
