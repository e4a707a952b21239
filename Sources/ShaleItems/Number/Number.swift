/// A decimal number of up to 38 significant digits between 1E-130 and 9.99…E+125, or zero.
///
/// The value is `coefficient` × 10^`exponent`. Invariants: the coefficient is below 10^38 and does
/// not end in the digit 0; the first digit's power of ten lies in -130...125; zero is +0 × 10^0. So
/// every value has one representation, and equality compares it.
///
/// Held in 18 bytes without heap: the coefficient needs 127 bits, the sign takes the 128th.
public struct Number: Sendable, Hashable {
    private static let signBit: UInt64 = 1 << 63

    private var signAndHigh: UInt64
    private var low: UInt64
    private var storedExponent: Int16

    /// Zero.
    public static let zero = Number(canonical: 0, exponent: 0, isNegative: false)

    /// A number whose parts already hold the invariants.
    init(canonical coefficient: UInt128, exponent: Int, isNegative: Bool) {
        assert(coefficient != 0 || (exponent == 0 && !isNegative), "zero has one form")
        assert(coefficient == 0 || coefficient % 10 != 0, "the last digit is not 0")
        signAndHigh = UInt64(truncatingIfNeeded: coefficient >> 64)
        if isNegative { signAndHigh |= Self.signBit }
        low = UInt64(truncatingIfNeeded: coefficient)
        storedExponent = Int16(exponent)
    }

    /// `coefficient` × 10^`exponent`, brought to the one form.
    /// - Throws: `tooManyDigits`, `numberOverflow` or `numberUnderflow`.
    init(
        coefficient: UInt128,
        exponent: Int,
        isNegative: Bool
    ) throws(ItemError) {
        guard coefficient != 0 else {
            self = .zero
            return
        }
        var coefficient = coefficient
        var exponent = exponent
        Decimals.stripZeros(&coefficient, &exponent)
        let digits = Decimals.count(coefficient)
        guard digits <= ItemLimits.numberDigits else { throw .tooManyDigits }
        let first = exponent + digits - 1
        guard first <= ItemLimits.numberMaxExponent else { throw .numberOverflow }
        guard first >= ItemLimits.numberMinExponent else { throw .numberUnderflow }
        self.init(canonical: coefficient, exponent: exponent, isNegative: isNegative)
    }

    /// The significant digits as an integer.
    var coefficient: UInt128 { UInt128(signAndHigh & ~Self.signBit) << 64 | UInt128(low) }
    /// The power of ten of the last significant digit.
    var exponent: Int { Int(storedExponent) }
    /// The power of ten of the first significant digit.
    var firstExponent: Int { exponent + digitCount - 1 }

    /// Whether it is below zero.
    public var isNegative: Bool { signAndHigh & Self.signBit != 0 }
    /// Whether it is zero.
    public var isZero: Bool { low == 0 && signAndHigh == 0 }
    /// How many significant digits it has; 0 for zero.
    public var digitCount: Int { isZero ? 0 : Decimals.count(coefficient) }
}

extension ItemError {
    static var tooManyDigits: ItemError {
        ItemError(
            .tooManyDigits,
            "Attempting to store more than 38 significant digits in a Number"
        )
    }

    static var numberOverflow: ItemError {
        ItemError(
            .numberOverflow,
            "Number overflow. Attempting to store a number with magnitude larger than supported range"
        )
    }

    static var numberUnderflow: ItemError {
        ItemError(
            .numberUnderflow,
            "Number underflow. Attempting to store a number with magnitude smaller than supported range"
        )
    }
}
