import Testing

@testable import ShaleItems

@Suite struct NumberTests {
    @Test(arguments: [
        ("0", "0"), ("-0", "0"), ("0.000", "0"), ("0e125", "0"), ("0e-130", "0"), ("+1", "1"),
        ("1e2", "100"),
        ("1.50", "1.5"), ("007", "7"), (".5", "0.5"), ("5.", "5"), ("-1.25E-2", "-0.0125"),
        ("100e-2", "1"), ("123.456e1", "1234.56"), ("1E-3", "0.001"),
        ("12345678901234567890123456789012345678", "12345678901234567890123456789012345678"),
        (
            "0.00000000000000000000000000000000000001234",
            "0.00000000000000000000000000000000000001234"
        ),
        ("1E125", "1" + String(repeating: "0", count: 125)),
        ("1E-130", "0." + String(repeating: "0", count: 129) + "1"),
        ("340282366920938463463374607431768211e3", "340282366920938463463374607431768211000"),
    ])
    func `a number is returned in plain digits`(text: String, canonical: String) throws {
        #expect(try Number(text).description == canonical)
    }

    @Test(arguments: [
        ("", ItemError.Code.notNumeric), ("-", .notNumeric), (".", .notNumeric),
        ("1 ", .notNumeric), (" 1", .notNumeric), ("1e", .notNumeric), ("1e+", .notNumeric),
        ("1.2.3", .notNumeric), ("abc", .notNumeric), ("0x10", .notNumeric), ("NaN", .notNumeric),
        ("1e5.5", .notNumeric), ("١", .notNumeric), ("--1", .notNumeric),
        ("123456789012345678901234567890123456789", .tooManyDigits),
        ("1.23456789012345678901234567890123456789", .tooManyDigits),
        ("1e126", .numberOverflow), ("10e125", .numberOverflow),
        ("0e126", .numberOverflow), ("-0e999999999999", .numberOverflow),
        ("0e-131", .numberUnderflow), ("1e2147483648", .numberOverflow),
        ("1e9223372036854775807", .numberOverflow), ("1e9223372036854775808", .notNumeric),
        ("-1e99999999999999999999", .notNumeric), ("-1e999999999999999999", .numberOverflow),
        ("1e-131", .numberUnderflow), ("0.1e-130", .numberUnderflow),
        ("-1e-999999999999999999", .numberUnderflow),
    ])
    func `what is no number of the model is refused`(text: String, code: ItemError.Code) {
        let error = #expect(throws: ItemError.self) { try Number(text) }
        #expect(error?.code == code)
    }

    @Test func `refusals use the service's words`() {
        let messages = ["x", "", "1e126", "1e-131", String(repeating: "1", count: 39)].map { text in
            #expect(throws: ItemError.self) { try Number(text) }?.message
        }
        #expect(
            messages == [
                "The parameter cannot be converted to a numeric value: x",
                "The parameter cannot be converted to a numeric value",
                "Number overflow. Attempting to store a number with magnitude "
                    + "larger than supported range",
                "Number underflow. Attempting to store a number with magnitude "
                    + "smaller than supported range",
                "Attempting to store more than 38 significant digits in a Number",
            ]
        )
    }

    @Test(arguments: [
        ("1", "2", "3"), ("1", "-1", "0"), ("0", "-5", "-5"), ("0.1", "0.2", "0.3"),
        ("1e37", "1e-0", "10000000000000000000000000000000000001"),
        ("1e38", "-1", "99999999999999999999999999999999999999"),
        ("99999999999999999999999999999999999999", "1", "1e38"),
        ("-7", "2", "-5"), ("1.25", "-0.25", "1"), ("5e-130", "5e-130", "1e-129"),
        ("9e125", "-9e125", "0"),
    ])
    func `a sum is exact and has no order`(left: String, right: String, sum: String) throws {
        let left = try Number(left)
        let right = try Number(right)
        let sum = try Number(sum)
        #expect(try left.adding(right) == sum)
        #expect(try right.adding(left) == sum)
        #expect(try sum.subtracting(right) == left)
    }

    @Test(arguments: [
        ("1e100", "1", ItemError.Code.numberOverflow),
        ("99999999999999999999999999999999999999", "0.1", .numberOverflow),
        ("1e38", "1", .numberOverflow),
        ("3e38", "3", .numberOverflow),
        ("9e125", "1e125", .numberOverflow),
        ("1.1e-130", "-1e-130", .numberUnderflow),
    ])
    func `a sum out of range is refused`(left: String, right: String, code: ItemError.Code) throws {
        let left = try Number(left)
        let right = try Number(right)
        let error = #expect(throws: ItemError.self) { try left.adding(right) }
        #expect(error?.code == code)
    }

    @Test func `order and bytes agree over a sorted table`() throws {
        let texts = [
            "-9.9999999999999999999999999999999999999E+125", "-1e125", "-123.5", "-123", "-100",
            "-99.99", "-99", "-10", "-9", "-1.01", "-1", "-0.5", "-0.05", "-1e-130", "0", "1e-130",
            "1.1e-130", "0.05", "0.5", "0.9", "1", "1.000000000000000000000000000000000001", "1.01",
            "1.1", "2", "9", "9.9", "10", "10.01", "11", "99", "100", "101", "1000", "1e20",
            "12345678901234567890123456789012345678", "1e38", "1e125",
            "9.9999999999999999999999999999999999999E+125",
        ]
        let numbers = try texts.map { try Number($0) }
        for (index, number) in numbers.enumerated() {
            for (otherIndex, other) in numbers.enumerated() {
                #expect((number < other) == (index < otherIndex))
                #expect((number == other) == (index == otherIndex))
                let order = SetOrder.bytesPrecede(encoded(number), encoded(other))
                #expect(order == (index < otherIndex), "\(number) \(other)")
            }
        }
    }

    @Test func `random numbers survive bytes and text, in order`() throws {
        var random = SeededGenerator(seed: 38)
        var previous = Number.zero
        for _ in 0..<20_000 {
            let number = try random.number()
            let bytes = encoded(number)
            #expect(bytes.count <= NumberFormat.maxSize)
            var offset = 0
            #expect(try NumberFormat.read(from: (bytes + [7]).span, at: &offset) == number)
            #expect(offset == bytes.count)
            #expect(try Number(number.description) == number)
            #expect((previous < number) == SetOrder.bytesPrecede(encoded(previous), bytes))
            previous = number
        }
    }

    @Test(
        arguments: [
            ("0", [0x12]), ("1", [0x13, 0x82, 0x14]), ("-1", [0x11, 0x7D, 0xEB]),
            ("1.5", [0x13, 0x82, 0x1E]), ("123", [0x13, 0x84, 0x19, 0x3C]),
            ("1e125", [0x13, 0xFF, 0x14]), ("1e-130", [0x13, 0x00, 0x14]),
        ] as [(String, [UInt8])]
    )
    func `the bytes are those of the drawing`(text: String, bytes: [UInt8]) throws {
        #expect(encoded(try Number(text)) == bytes)
    }

    @Test(
        arguments: [
            [], [0x10], [0x13], [0x13, 0x82], [0x13, 0x82, 0x15], [0x13, 0x82, 0x00],
            [0x13, 0x82, 0x12], [0x13, 0x82, 0xC8], [0x13, 0x82, 0x15, 0x00],
            [0x13, 0x82] + [UInt8](repeating: 0x15, count: 20),
        ] as [[UInt8]]
    )
    func `damaged bytes of a number are refused`(bytes: [UInt8]) {
        var offset = 0
        let error = #expect(throws: ItemError.self) {
            try NumberFormat.read(from: bytes.span, at: &offset)
        }
        #expect(error?.code == .malformedItem)
    }

    @Test func `integers and doubles convert both ways`() throws {
        for value in [0, 1, -1, 100, Int.max, Int.min, 1_000_000_007] {
            #expect(Number(value).intValue == value)
            #expect(Number(value).description == value.description)
        }
        #expect(Number(UInt64.max).integer(UInt64.self) == .max)
        #expect(Number(UInt64.max).intValue == nil)
        #expect(try Number("1.5").intValue == nil)
        #expect(try Number("-129").integer(Int8.self) == nil)
        #expect(try Number("-1").integer(UInt8.self) == nil)
        #expect(try Number("1e40").intValue == nil)
        for value in [0.1, -2.5, 1e100, 5e-100, 123_456.789, 1.0 / 3.0] {
            #expect(try Number(value).doubleValue == value)
        }
        #expect(throws: ItemError.self) { try Number(Double.nan) }
        #expect(throws: ItemError.self) { try Number(Double.infinity) }
        #expect(throws: ItemError.self) { try Number(Double("1e126") ?? 0) }
        #expect((1.5 as Number) == (try Number("1.5")))
    }

    private func encoded(_ number: Number) -> [UInt8] {
        var bytes: [UInt8] = []
        NumberFormat.append(number, to: &bytes)
        return bytes
    }
}
