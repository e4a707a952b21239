/// Decimal digits of 128-bit integers.
enum Decimals {
    /// The powers of ten from 0 to 38; the last is the largest power of ten in 128 bits.
    static let powers: [UInt128] = {
        var powers: [UInt128] = [1]
        for _ in 0..<38 { powers.append(powers[powers.count - 1] * 10) }
        return powers
    }()

    /// How many decimal digits a non-zero integer has, 1 to 39.
    static func count(_ value: UInt128) -> Int {
        let bits = 128 - value.leadingZeroBitCount
        // 1233 / 4096 is a little above log10(2): the estimate is right or one too small.
        let estimate = (bits * 1233) >> 12
        return estimate < powers.count && value >= powers[estimate] ? estimate + 1 : estimate
    }

    /// Moves trailing zero digits of a non-zero coefficient into the exponent.
    static func stripZeros(_ coefficient: inout UInt128, _ exponent: inout Int) {
        while let (quotient, power) = strippedOnce(coefficient) {
            coefficient = quotient
            exponent += power
        }
    }

    /// The coefficient without some of its trailing zeros, or nil when it has none.
    private static func strippedOnce(_ coefficient: UInt128) -> (UInt128, Int)? {
        // A multiple of ten is even; most coefficients are told apart by that alone.
        guard coefficient & 1 == 0 else { return nil }
        if let small = UInt64(exactly: coefficient) {
            let (quotient, remainder) = small.quotientAndRemainder(dividingBy: 10)
            return remainder == 0 ? (UInt128(quotient), 1) : nil
        }
        let (far, rest) = coefficient.quotientAndRemainder(dividingBy: 100_000_000)
        if rest == 0 { return (far, 8) }
        let (quotient, remainder) = coefficient.quotientAndRemainder(dividingBy: 10)
        return remainder == 0 ? (quotient, 1) : nil
    }

    /// Calls `body` with the decimal digits of `value`, first digit first, as ASCII.
    static func text(_ value: UInt128) -> [UInt8] {
        guard value != 0 else { return [0x30] }
        var reversed: [UInt8] = []
        reversed.reserveCapacity(39)
        var rest = value
        while rest > UInt128(UInt64.max) {
            let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 10)
            reversed.append(0x30 + UInt8(remainder))
            rest = quotient
        }
        var small = UInt64(rest)
        while small > 0 {
            let (quotient, remainder) = small.quotientAndRemainder(dividingBy: 10)
            reversed.append(0x30 + UInt8(remainder))
            small = quotient
        }
        reversed.reverse()
        return reversed
    }
}
