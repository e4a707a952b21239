internal import ShaleItems
internal import ShaleWire

/// A request of the Query protocol: a form, whose names say where in lists and structures a value stands.
///
///     Action=TagRole&Version=2010-05-08&RoleName=r&Tags.member.1.Key=team&Tags.member.1.Value=storage
package struct QueryForm: Sendable {
    /// More members than any request of this protocol has.
    private static let mostPairs = 500

    private let values: [String: String]

    /// Reads a form; nil where it is not encoded right, or too long to be one.
    package init?(_ body: [UInt8]) {
        guard let text = String(validating: body, as: UTF8.self),
            let pairs = PercentCoding.pairs(of: text), pairs.count <= Self.mostPairs
        else { return nil }
        values = Dictionary(pairs.map { ($0.name, $0.value) }) { first, _ in first }
    }

    /// The value of a name.
    package subscript(name: String) -> String? { values[name] }

    /// The members that a shape has.
    ///
    /// - Throws: `ValidationError` that names all that is broken.
    func members(_ shape: [Member]) throws(RestError) -> Item {
        var constraints = Constraints()
        let item = members(shape, "", "", &constraints)
        do throws(WireError) { try constraints.finish() } catch {
            throw RestError("ValidationError", 400, error.message)
        }
        return item
    }

    /// Members whose names begin so in the form; `path` is how constraints name them.
    private func members(
        _ shape: [Member],
        _ prefix: String,
        _ path: String,
        _ constraints: inout Constraints
    ) -> Item {
        var item = Item()
        for member in shape {
            let shown = path + member.name.prefix(1).lowercased() + member.name.dropFirst()
            item[member.name] = value(member.shape, prefix + member.name, shown, &constraints)
            guard member.isRequired else { continue }
            constraints.require(item[member.name] != nil, shown)
        }
        return item
    }

    private func value(
        _ shape: Shape,
        _ name: String,
        _ path: String,
        _ constraints: inout Constraints
    ) -> AttributeValue? {
        switch shape {
        case .text(let lengths, let pattern):
            guard let text = values[name] else { return nil }
            constraints.check(text, lengths, pattern, at: path)
            return .string(text)
        case .word(let words):
            guard let text = values[name] else { return nil }
            if !words.contains(text) {
                constraints.note(
                    text,
                    at: path,
                    "Member must satisfy enum value set: [\(words.joined(separator: ", "))]"
                )
            }
            return .string(text)
        case .whole(let range):
            guard let text = values[name] else { return nil }
            guard let number = Int(text) else {
                constraints.note(text, at: path, "Member must be a whole number")
                return nil
            }
            constraints.check(number, in: range, at: path)
            return .number(Number(number))
        case .flag:
            guard let text = values[name] else { return nil }
            if text != "true", text != "false" {
                constraints.note(text, at: path, "Member must be true or false")
            }
            return .bool(text == "true")
        case .list(let element, let counts):
            return list(element, counts, name, path, &constraints)
        case .structure(let members):
            let item = self.members(members, name + ".", path + ".", &constraints)
            return .map(item)
        case .decimal, .blob, .map:
            preconditionFailure("requests of this protocol have no such members")
        }
    }

    private func list(
        _ element: Shape,
        _ counts: ClosedRange<Int>,
        _ name: String,
        _ path: String,
        _ constraints: inout Constraints
    ) -> AttributeValue? {
        var list: [AttributeValue] = []
        for number in 1...Self.mostPairs {
            let place = "\(name).member.\(number)"
            let isThere =
                values[place] != nil || values.keys.contains { $0.hasPrefix(place + ".") }
            guard isThere else { break }
            let shown = "\(path).\(number).member"
            if let value = value(element, place, shown, &constraints) { list.append(value) }
        }
        // An empty list is sent as a name without a value.
        guard !list.isEmpty || values[name] != nil else { return nil }
        constraints.checkLength("[…]", list.count, counts, at: path)
        return .list(list)
    }
}
