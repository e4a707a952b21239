/// Exact sum, difference and order.
///
/// Two numbers are brought to the smaller exponent first. Where that needs more than 128 bits the
/// exact result has more than 38 digits: its last digit is not 0, and it is larger than 10^38.
extension Number {
    /// The exact sum.
    ///
    /// A sum that has more than 38 digits is an overflow, as the service has it.
    /// - Throws: `numberOverflow`, `numberUnderflow`.
    public func adding(_ other: Number) throws(ItemError) -> Number {
        do throws(ItemError) { return try sum(with: other) } catch {
            throw error.code == .tooManyDigits ? .numberOverflow : error
        }
    }

    private func sum(with other: Number) throws(ItemError) -> Number {
        guard !isZero else { return other }
        guard !other.isZero else { return self }
        let exponent = min(self.exponent, other.exponent)
        let left = try scaled(to: exponent)
        let right = try other.scaled(to: exponent)
        if isNegative == other.isNegative {
            let (sum, isOver) = left.addingReportingOverflow(right)
            guard !isOver else { throw .tooManyDigits }
            return try Number(coefficient: sum, exponent: exponent, isNegative: isNegative)
        }
        return try Number(
            coefficient: left > right ? left - right : right - left,
            exponent: exponent,
            isNegative: left > right ? isNegative : other.isNegative
        )
    }

    /// The exact difference.
    /// - Throws: `numberOverflow`, also where it has more than 38 digits, `numberUnderflow`.
    public func subtracting(_ other: Number) throws(ItemError) -> Number {
        try adding(other.negated)
    }

    /// The number with the other sign; zero stays zero.
    public var negated: Number {
        isZero
            ? self : Number(canonical: coefficient, exponent: exponent, isNegative: !isNegative)
    }

    /// The coefficient when the last digit stands for 10^`target`, which is not above `exponent`.
    private func scaled(to target: Int) throws(ItemError) -> UInt128 {
        let shift = exponent - target
        guard shift < Decimals.powers.count else { throw .tooManyDigits }
        let (scaled, isOver) = coefficient.multipliedReportingOverflow(by: Decimals.powers[shift])
        guard !isOver else { throw .tooManyDigits }
        return scaled
    }
}

extension Number: Comparable {
    /// Whether `left` is the smaller.
    public static func < (left: Number, right: Number) -> Bool {
        if left.isNegative != right.isNegative { return left.isNegative }
        return left.isNegative
            ? right.magnitudePrecedes(left) : left.magnitudePrecedes(right)
    }

    private func magnitudePrecedes(_ other: Number) -> Bool {
        guard !other.isZero else { return false }
        guard !isZero else { return true }
        let digits = digitCount
        let otherDigits = other.digitCount
        let first = exponent + digits
        let otherFirst = other.exponent + otherDigits
        if first != otherFirst { return first < otherFirst }
        // With the same first power of ten, equally many digits compare as integers below 10^38.
        if digits < otherDigits {
            return coefficient * Decimals.powers[otherDigits - digits] < other.coefficient
        }
        return coefficient < other.coefficient * Decimals.powers[digits - otherDigits]
    }
}
