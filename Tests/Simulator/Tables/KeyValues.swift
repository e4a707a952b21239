internal import ShaleItems

/// Values of key attributes, by number, and their order as DynamoDB's documentation has it.
///
/// Texts and bytes that begin with one another, end in zeros or have their highest bit set; numbers of both signs
/// and far apart. Each number from 0 to `count` gives another value.
enum KeyValues {
    /// How many there are.
    static let count = 700

    static func value(_ type: KeyType, _ number: Int) -> AttributeValue {
        precondition(number < count, "there are \(count) values of each type")
        let group = number / 3
        switch type {
        case .string:
            return .string((group % 4 == 3 ? "ü\(group)" : "k\(group)") + zeros(number % 3))
        case .binary:
            let first = UInt8(truncatingIfNeeded: group &* 61)
            return .binary([first] + [UInt8](repeating: 0, count: number % 3))
        case .number: return .number(decimal(thousandths(number)))
        }
    }

    /// The number that gives a value.
    static func number(of value: AttributeValue) -> Int? { numbers[value] }

    /// Whether one value of a type sorts before another of the same type.
    static func precedes(_ left: AttributeValue, _ right: AttributeValue) -> Bool {
        switch (left, right) {
        case (.string(let left), .string(let right)):
            return Array(left.utf8).lexicographicallyPrecedes(Array(right.utf8))
        case (.binary(let left), .binary(let right)): return left.lexicographicallyPrecedes(right)
        case (.number(let a), .number(let b)):
            // Counters are whole; key numbers are known by their place.
            guard let a = a.intValue, let b = b.intValue else {
                return magnitude(left) < magnitude(right)
            }
            return a < b
        default: return false
        }
    }

    private static func magnitude(_ value: AttributeValue) -> Int {
        if let number = numbers[value] { return thousandths(number) }
        return (value.numberValue?.intValue ?? 0) * 1000
    }

    private static func thousandths(_ number: Int) -> Int {
        let size = (number + 1) * 125 * (number % 5 == 0 ? 1_000_000 : 1)
        return number % 2 == 0 ? size : -size
    }

    private static func decimal(_ thousandths: Int) -> Number {
        let size = thousandths.magnitude
        let digits = String(size % 1000 + 1000).dropFirst()
        do throws(ItemError) {
            return try Number("\(thousandths < 0 ? "-" : "")\(size / 1000).\(digits)")
        } catch {
            preconditionFailure("a short number is one: \(error)")
        }
    }

    private static func zeros(_ count: Int) -> String { String(repeating: "\u{0}", count: count) }

    private static let numbers: [AttributeValue: Int] = {
        var numbers: [AttributeValue: Int] = [:]
        for type in [KeyType.string, .number, .binary] {
            for number in 0..<count { numbers[value(type, number)] = number }
        }
        return numbers
    }()
}
