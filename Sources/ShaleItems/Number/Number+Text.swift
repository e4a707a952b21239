/// Numbers from text and to text.
///
/// Read: an optional sign, digits with at most one point, an optional exponent; no spaces. Written:
/// plain digits, never an exponent, without needless zeros, as the service returns them; so 1E+125
/// has 126 digits and 1E-130 has 130 decimals.
extension Number {
    /// Reads a number.
    /// - Throws: `notNumeric`, `tooManyDigits`, `numberOverflow` or `numberUnderflow`.
    public init(_ text: String) throws(ItemError) {
        try self.init(utf8: text.utf8Span.span)
    }

    /// Reads a number from ASCII digits.
    /// - Throws: `notNumeric`, `tooManyDigits`, `numberOverflow` or `numberUnderflow`.
    public init(utf8 text: Span<UInt8>) throws(ItemError) {
        var digits = DigitScan()
        guard digits.read(text) else { throw .notNumeric(text) }
        guard !digits.hasTooMany else { throw .tooManyDigits }
        if digits.coefficient == 0 { try Self.checkZero(power: digits.power) }
        try self.init(
            coefficient: digits.coefficient,
            exponent: digits.exponent,
            isNegative: digits.isNegative
        )
    }
}

extension Number {
    /// Zero must be written with an exponent of the range, as every number.
    private static func checkZero(power: Int) throws(ItemError) {
        guard power <= ItemLimits.numberMaxExponent else { throw .numberOverflow }
        guard power >= ItemLimits.numberMinExponent else { throw .numberUnderflow }
    }
}

extension ItemError {
    fileprivate static func notNumeric(_ text: Span<UInt8>) -> ItemError {
        var bytes: [UInt8] = []
        // An error message need not repeat a megabyte.
        for index in 0..<min(text.count, 256) { bytes.append(text[index]) }
        let quoted = String(decoding: bytes, as: UTF8.self)
        let sentence = "The parameter cannot be converted to a numeric value"
        return ItemError(.notNumeric, quoted.isEmpty ? sentence : sentence + ": " + quoted)
    }
}

/// One pass over the text of a number.
private struct DigitScan {
    var isNegative = false
    var coefficient: UInt128 = 0
    var exponent = 0
    var hasTooMany = false
    /// The exponent that the text ends with.
    private(set) var power = 0

    /// Significant digits in `coefficient`.
    private var digits = 0
    /// Zeros read after a significant digit; they count only if another digit follows.
    private var pendingZeros = 0

    init() {}

    /// Whether the text is a number; then the other properties say which.
    mutating func read(_ text: Span<UInt8>) -> Bool {
        var index = 0
        if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+")
        {
            isNegative = text[index] == UInt8(ascii: "-")
            index += 1
        }
        var hasDigits = false
        var hasPoint = false
        scan: while index < text.count {
            switch text[index] {
            case UInt8(ascii: "0")...UInt8(ascii: "9"):
                hasDigits = true
                take(text[index] - UInt8(ascii: "0"), isFraction: hasPoint)
            case UInt8(ascii: "."):
                if hasPoint { return false }
                hasPoint = true
            default:
                break scan
            }
            index += 1
        }
        exponent += pendingZeros
        guard hasDigits else { return false }
        return index == text.count || readExponent(text, from: index)
    }

    private mutating func take(_ digit: UInt8, isFraction: Bool) {
        if isFraction { exponent -= 1 }
        if digit == 0 {
            if digits > 0 { pendingZeros += 1 }
            return
        }
        if digits + pendingZeros + 1 > ItemLimits.numberDigits {
            hasTooMany = true
            return
        }
        coefficient *= Decimals.powers[pendingZeros + 1]
        coefficient += UInt128(digit)
        digits += pendingZeros + 1
        pendingZeros = 0
    }

    private mutating func readExponent(_ text: Span<UInt8>, from start: Int) -> Bool {
        guard text[start] | 0x20 == UInt8(ascii: "e") else { return false }
        var index = start + 1
        var isDown = false
        if index < text.count, text[index] == UInt8(ascii: "-") || text[index] == UInt8(ascii: "+")
        {
            isDown = text[index] == UInt8(ascii: "-")
            index += 1
        }
        guard index < text.count else { return false }
        var magnitude: Int64 = 0
        while index < text.count {
            guard text[index] >= UInt8(ascii: "0"), text[index] <= UInt8(ascii: "9") else {
                return false
            }
            // An exponent of more than 64 bits makes it no number, for the service.
            let (tens, isOver) = magnitude.multipliedReportingOverflow(by: 10)
            let (sum, isOverNow) = tens.addingReportingOverflow(
                Int64(text[index] - UInt8(ascii: "0"))
            )
            if isOver || isOverNow { return false }
            magnitude = sum
            index += 1
        }
        // Beyond a billion every number is out of range; the text itself is shorter than that.
        let bounded = Int(min(magnitude, 1_000_000_000))
        power = isDown ? -bounded : bounded
        exponent += power
        return true
    }
}

extension Number: CustomStringConvertible {
    /// The number in plain digits, as the service returns it.
    public var description: String { String(decoding: utf8, as: UTF8.self) }

    /// The bytes of `description`.
    public var utf8: [UInt8] {
        let digits = Decimals.text(coefficient)
        var text: [UInt8] = isNegative ? [UInt8(ascii: "-")] : []
        let whole = digits.count + exponent
        if exponent >= 0 {
            text += digits
            text += repeatElement(UInt8(ascii: "0"), count: exponent)
        } else if whole > 0 {
            text += digits[..<whole]
            text.append(UInt8(ascii: "."))
            text += digits[whole...]
        } else {
            text += [UInt8(ascii: "0"), UInt8(ascii: ".")]
            text += repeatElement(UInt8(ascii: "0"), count: -whole)
            text += digits
        }
        return text
    }
}
