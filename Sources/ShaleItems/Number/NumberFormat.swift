/// The bytes of a number, in keys and in items: memcmp order is numeric order.
///
/// Self-terminating: no number's bytes are the beginning of another's. Frozen: it is on disk.
///
///     offset  size  field
///          0     1  sign: 0x11 negative, 0x12 zero, 0x13 positive
///          1     1  power of ten of the first digit, plus 130      (not for zero)
///          2  1-19  pairs of digits from the first digit on        (not for zero)
///
/// A pair p of 0 to 99 is the byte 2p + 1 when another pair follows, and 2p when it is the last. A
/// missing second digit is 0; the first pair is at least 10, and the last is never 00. Of a
/// negative number every byte after the sign is inverted.
///
///     0     12                 10      13 83 14
///     1     13 82 14           -1      11 7D EB
///     1.5   13 82 1E           123     13 84 19 3C
public enum NumberFormat {
    /// The sign byte of a number below zero.
    public static let negative: UInt8 = 0x11
    /// The sign byte of zero.
    public static let zero: UInt8 = 0x12
    /// The sign byte of a number above zero.
    public static let positive: UInt8 = 0x13
    /// The most bytes a number takes.
    public static let maxSize = 2 + ItemLimits.numberDigits / 2

    /// Appends the bytes of a number.
    public static func append(_ number: Number, to bytes: inout [UInt8]) {
        guard !number.isZero else {
            bytes.append(zero)
            return
        }
        let mask: UInt8 = number.isNegative ? 0xFF : 0
        let digits = number.digitCount
        bytes.append(number.isNegative ? negative : positive)
        bytes.append(
            UInt8(number.exponent + digits - 1 - ItemLimits.numberMinExponent) ^ mask
        )
        let start = bytes.count
        var rest = digits % 2 == 0 ? number.coefficient : number.coefficient * 10
        bytes.append(contentsOf: repeatElement(0, count: (digits + 1) / 2))
        var flag: UInt8 = 0
        var index = bytes.count - 1
        while index >= start {
            let pair: UInt8
            if let small = UInt64(exactly: rest) {
                pair = UInt8(small % 100)
                rest = UInt128(small / 100)
            } else {
                let (quotient, remainder) = rest.quotientAndRemainder(dividingBy: 100)
                pair = UInt8(remainder)
                rest = quotient
            }
            bytes[index] = (2 * pair + flag) ^ mask
            flag = 1
            index -= 1
        }
    }

    /// Reads the number at `offset` and moves it behind the number.
    /// - Throws: `malformedItem` with the offset.
    public static func read(
        from bytes: Span<UInt8>,
        at offset: inout Int
    ) throws(ItemError) -> Number {
        let start = offset
        guard start >= 0, start < bytes.count else { throw .malformed(start, "the number is cut") }
        let sign = bytes[start]
        if sign == zero {
            offset += 1
            return .zero
        }
        guard sign == negative || sign == positive else {
            throw .malformed(start, "\(sign) is no sign of a number")
        }
        guard start + 1 < bytes.count else { throw .malformed(start, "the number is cut") }
        let mask: UInt8 = sign == negative ? 0xFF : 0
        let first = Int(bytes[start + 1] ^ mask) + ItemLimits.numberMinExponent
        var index = start + 2
        var coefficient: UInt128 = 0
        while true {
            guard index < bytes.count else { throw .malformed(start, "the number is cut") }
            guard index < start + maxSize else { throw .malformed(start, "over 38 digits") }
            let byte = bytes[index] ^ mask
            guard byte < 200, index > start + 2 || byte >= 20 else {
                throw .malformed(index, "\(byte / 2) is no pair of digits here")
            }
            coefficient = coefficient * 100 + UInt128(byte >> 1)
            index += 1
            if byte & 1 == 0 { break }
        }
        offset = index
        return try finish(coefficient, pairs: index - start - 2, first, sign, at: start)
    }

    /// Makes the number of the pairs read; `first` is the power of ten of the first digit.
    private static func finish(
        _ pairs: UInt128,
        pairs count: Int,
        _ first: Int,
        _ sign: UInt8,
        at start: Int
    ) throws(ItemError) -> Number {
        guard pairs % 100 != 0 else { throw .malformed(start, "the last pair is 00") }
        var coefficient = pairs
        var digits = 2 * count
        if coefficient % 10 == 0 {
            coefficient /= 10
            digits -= 1
        }
        return Number(
            canonical: coefficient,
            exponent: first - digits + 1,
            isNegative: sign == negative
        )
    }
}

extension ItemError {
    static func malformed(_ offset: Int, _ why: String) -> ItemError {
        ItemError(.malformedItem, offset: offset, "The bytes of the item are damaged: \(why)")
    }
}
