/// Numbers from and to Swift's integers and doubles.
extension Number: ExpressibleByIntegerLiteral, ExpressibleByFloatLiteral {
    /// The number of an integer; every 64-bit integer has one.
    public init(_ value: some BinaryInteger & FixedWidthInteger) {
        precondition(value.bitWidth <= 64, "an integer of up to 64 bits has at most 20 digits")
        var coefficient = UInt128(value.magnitude)
        guard coefficient != 0 else {
            self = .zero
            return
        }
        var exponent = 0
        Decimals.stripZeros(&coefficient, &exponent)
        self.init(canonical: coefficient, exponent: exponent, isNegative: value < 0)
    }

    /// The number with the shortest text that reads back as `value`.
    /// - Throws: `notNumeric` for not-a-number and infinity, `numberOverflow`, `numberUnderflow`.
    public init(_ value: Double) throws(ItemError) {
        try self.init(value.description)
    }

    /// The number of an integer literal.
    public init(integerLiteral value: Int64) { self.init(value) }

    /// The number of a literal such as `1.5`; the literal must lie in the range of numbers.
    public init(floatLiteral value: Double) {
        do throws(ItemError) {
            self = try Number(value)
        } catch {
            preconditionFailure("the literal \(value) is no number of the model: \(error)")
        }
    }

    /// The integer, when it is whole and fits.
    public var intValue: Int? { integer() }

    /// The integer of that type, when it is whole and fits.
    public func integer<Integer: FixedWidthInteger>(
        _: Integer.Type = Integer.self
    ) -> Integer? {
        guard exponent >= 0, exponent < Decimals.powers.count else { return nil }
        let (magnitude, isOver) = coefficient.multipliedReportingOverflow(
            by: Decimals.powers[exponent]
        )
        guard !isOver else { return nil }
        if !isNegative { return Integer(exactly: magnitude) }
        guard magnitude < UInt128(1) << 127 else { return nil }
        return Integer(exactly: 0 - Int128(truncatingIfNeeded: magnitude))
    }

    /// The nearest double.
    public var doubleValue: Double { Double(description) ?? .nan }
}
