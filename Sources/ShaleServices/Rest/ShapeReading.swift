internal import ShaleItems
internal import ShaleWire

// JSON to values, by the shapes that a request's members have. What is broken is gathered, with paths as the service
// writes them: `environment.variables`, `layers.2.member`.

extension JSONReader {
    /// Reads a structure's members; a null one is not there.
    ///
    /// - Throws: `.serialization` for a value of another type.
    mutating func readMembers(
        of shape: [Member],
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> Item {
        var item = Item()
        try readStructure { (reader, name) throws(WireError) in
            guard let member = shape.first(where: { $0.name.utf8.elementsEqual(name.utf8) }) else {
                return try reader.skipValue()
            }
            item[name] = try reader.readValue(
                of: member.shape,
                at: Self.path(path, name),
                &constraints
            )
        }
        for member in shape where member.isRequired {
            constraints.require(item[member.name] != nil, Self.path(path, member.name))
        }
        return item
    }

    private static func path(_ path: String, _ name: String) -> String {
        let member = name.prefix(1).lowercased() + name.dropFirst()
        return path.isEmpty ? member : "\(path).\(member)"
    }

    private mutating func readValue(
        of shape: Shape,
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> AttributeValue {
        switch shape {
        case .text(let lengths, let pattern):
            let text = try readString()
            constraints.check(text, lengths, pattern, at: path)
            return .string(text)
        case .word(let words):
            return .string(try readWord(of: words, at: path, &constraints) ?? "")
        case .whole(let range):
            let number = try readInteger()
            constraints.check(number, in: range, at: path)
            return .number(Number(number))
        case .decimal(let range): return try readDecimal(range, at: path, &constraints)
        case .flag: return .bool(try readBool())
        case .blob: return .binary(try Base64.decode(try readString()))
        case .list(let element, let counts):
            var number = 0
            let list = try readList { reader throws(WireError) in
                number += 1
                return try reader.readValue(
                    of: element,
                    at: "\(path).\(number).member",
                    &constraints
                )
            }
            constraints.checkLength("[…]", list.count, counts, at: path)
            return .list(list)
        case .map(let value, let counts):
            var map = Item()
            try readMap { (reader, name) throws(WireError) in
                map[name] = try reader.readValue(
                    of: value,
                    at: "\(path).\(name.prefix(64)).member",
                    &constraints
                )
            }
            constraints.checkLength("{…}", map.count, counts, at: path)
            return .map(map)
        case .structure(let members):
            return .map(try readMembers(of: members, at: path, &constraints))
        }
    }

    private mutating func readDecimal(
        _ range: ClosedRange<Double>,
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> AttributeValue {
        // A value of another type is told in the words for whole numbers.
        guard try peek() == .number else { return .number(Number(try readInteger())) }
        let text = String(decoding: try readNumberText(), as: UTF8.self)
        guard let value = Double(text), let number = try? Number(text) else {
            throw .serialization("\(text.prefix(64)) can not be converted to a Double")
        }
        if value < range.lowerBound {
            constraints.note(
                text,
                at: path,
                "Member must have value greater than or equal to \(range.lowerBound)"
            )
        } else if value > range.upperBound {
            constraints.note(
                text,
                at: path,
                "Member must have value less than or equal to \(range.upperBound)"
            )
        }
        return .number(number)
    }
}

extension Constraints {
    /// Notes what a text breaks.
    mutating func check(
        _ text: String,
        _ lengths: ClosedRange<Int>?,
        _ pattern: Pattern?,
        at path: String
    ) {
        if let pattern, !pattern.matches(text) {
            note(text, at: path, "Member must satisfy regular expression pattern: \(pattern.text)")
        }
        if let lengths { checkLength(of: text, in: lengths, at: path) }
    }
}
