internal import ShaleExpressions
internal import ShaleItems

/// Items, keys and numbers.
enum ItemTargets {
    static func item(_ bytes: [UInt8]) {
        do throws(ItemError) {
            let item = try ItemDecoder.decode(bytes)
            let again = try ItemDecoder.decode(try ItemEncoder.encode(item))
            precondition(again == item, "an item is read as written")
            _ = try EncodedAttributes.sizeBytes(bytes.span)
            for (name, value) in item {
                let found = try EncodedItem(bytes: bytes).attribute(named: name)
                precondition(found == value, "an attribute is found by its name")
            }
        } catch {
            // It is refused.
        }
    }

    static func key(_ bytes: [UInt8]) {
        do throws(ItemError) {
            let value = try KeyCoding.decode(bytes)
            let again = try KeyCoding.encode(value)
            precondition(again == bytes, "a key has one form")
        } catch {
            // It is refused.
        }
        if let next = KeyCoding.successor(ofPrefix: bytes) {
            precondition(bytes.lexicographicallyPrecedes(next), "a successor comes behind")
        }
    }

    static func number(_ bytes: [UInt8]) {
        do throws(ItemError) {
            let number = try Number(utf8: bytes.span)
            let again = try Number("\(number)")
            precondition(again == number, "a number is read as written")
            var encoded: [UInt8] = []
            NumberFormat.append(number, to: &encoded)
            let key = try KeyCoding.decode(try KeyCoding.encode(.number(number)))
            precondition(key == .number(number), "so is its key")
            _ = try number.adding(number)
            _ = try number.subtracting(try Number("0.5"))
        } catch {
            // It is refused.
        }
    }
}

/// Texts of expressions: the first byte says of which kind.
enum ExpressionTarget {
    private static let item: Item = [
        "a": .number(1), "b": .string("text"), "c": .list([.null, .bool(true)]),
        "d": .map(["e": .numberSet([1, 2])]), "key": .binary([1, 2]),
    ]

    static func run(_ bytes: [UInt8]) {
        guard let kind = bytes.first else { return }
        let text = String(decoding: bytes.dropFirst(), as: UTF8.self)
        do {
            var placeholders = try Placeholders(
                names: ["#n": "a", "#b": "b"],
                values: [":v": .number(3), ":s": .string("te"), ":l": .list([.null])]
            )
            switch kind % 4 {
            case 0:
                let condition = try Condition.parse(text, with: &placeholders)
                _ = condition.isSatisfied(by: item)
                _ = condition.isSatisfied(by: nil)
                let encoded = try EncodedItem(item)
                let agrees =
                    try condition.isSatisfied(by: encoded) == condition.isSatisfied(by: item)
                precondition(agrees, "bytes and items agree")
            case 1:
                let update = try Update.parse(text, with: &placeholders)
                _ = try update.apply(to: item)
                _ = try update.apply(to: Item())
            case 2:
                let projection = try Projection.parse(text, with: &placeholders)
                let agrees =
                    try projection.apply(to: EncodedItem(item)) == projection.apply(to: item)
                precondition(agrees, "bytes and items agree")
            default:
                let schema = KeySchema(
                    partition: .init("a", .number),
                    sort: .init("b", .string)
                )
                let condition = try KeyCondition.parse(text, schema: schema, with: &placeholders)
                _ = try condition.sort?.keyRange()
            }
            try placeholders.requireAllUsed()
        } catch {
            // It is refused.
        }
    }
}
