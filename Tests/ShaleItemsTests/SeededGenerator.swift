import ShaleItems

/// A small generator of the same numbers for the same seed (SplitMix64).
struct SeededGenerator: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

extension SeededGenerator {
    /// Any number of the model, small ones often.
    mutating func number() throws -> Number {
        let digitCount = Bool.random(using: &self) ? 3 : 38
        var text = Bool.random(using: &self) ? "-" : ""
        for _ in 0..<Int.random(in: 1...digitCount, using: &self) {
            text += "\(Int.random(in: 0...9, using: &self))"
        }
        let exponent =
            Bool.random(using: &self)
            ? Int.random(in: -3...3, using: &self) : Int.random(in: -130...88, using: &self)
        return try Number(text + "e\(exponent)")
    }

    /// Any text, with bytes that need escaping.
    mutating func text() -> String {
        let pieces = ["", "a", "b", "\0", "\u{1}", "é", "e\u{301}", "😀", "\u{7F}", "zz"]
        return (0..<Int.random(in: 0...4, using: &self))
            .map { _ in pieces[Int.random(in: 0..<pieces.count, using: &self)] }.joined()
    }

    mutating func bytes(count: Int) -> [UInt8] {
        (0..<count).map { _ in UInt8.random(in: 0...255, using: &self) }
    }

    /// Any value, nested at most `depth` levels, with valid sets.
    mutating func value(depth: Int) throws -> AttributeValue {
        switch Int.random(in: 0..<(depth > 0 ? 10 : 8), using: &self) {
        case 0: return .string(text())
        case 1: return .number(try number())
        case 2: return .binary(bytes(count: Int.random(in: 0...20, using: &self)))
        case 3: return .bool(Bool.random(using: &self))
        case 4: return .null
        case 5: return .stringSet(["a", "é", text() + "!"])
        case 6: return .numberSet([1, 2.5, -3])
        case 7: return .binarySet([[], [0], bytes(count: 3)])
        case 8: return .list(try (0..<3).map { _ in try value(depth: depth - 1) })
        default: return .map(try item(depth: depth - 1))
        }
    }

    /// Any item.
    mutating func item(depth: Int) throws -> Item {
        var item = Item()
        for _ in 0..<Int.random(in: 0...5, using: &self) { item[text()] = try value(depth: depth) }
        return item
    }
}
