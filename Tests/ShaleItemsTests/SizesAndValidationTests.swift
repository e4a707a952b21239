import ShaleItems
import Testing

@Suite struct SizesAndValidationTests {
    @Test(
        arguments: [
            ("", 0), ("abc", 3), ("é", 2), (0, 1), (1, 2), (12, 2), (123, 3), (-1, 3), (1000, 2),
            (1.5, 3), (true, 1), (.null, 1), (.binary([1, 2, 3]), 3), ([], 3), ([1, "a"], 8),
            ([:], 3),
            (["k": "vv"], 7), (.stringSet(["a", "bc"]), 3), (.numberSet([1, 22]), 4),
            (.binarySet([[1], [2, 3]]), 3), ([[[]]], 11),
        ] as [(AttributeValue, Int)]
    )
    func `a value counts as the service counts it`(value: AttributeValue, size: Int) {
        #expect(value.sizeBytes == size)
    }

    @Test func `an item counts its names and values`() {
        #expect(Item().sizeBytes == 0)
        #expect((["id": "x", "né": 1] as Item).sizeBytes == 2 + 1 + 3 + 2)
        #expect(
            Number(canonicalText: "-1234567890123456789012345678901234567.8").sizeBytes == 22
        )
    }

    /// Measured on the service, each by an item of exactly 400 KB and one of a byte more.
    @Test(arguments: [
        ("0", 1), ("1", 2), ("12", 2), ("123", 3), ("1234", 3),
        ("12345678901234567890123456789012345678", 20), ("0042", 2), ("100", 2), ("1010", 3),
        ("0.0000001", 2), ("1E125", 2), ("1E-100", 2), ("1.5", 3), ("15", 2), ("1.2", 3),
        ("1.200", 3), ("1.234", 4), ("3.14159", 5), ("123456", 4), ("100.5", 4), ("0.15", 2),
        ("-42", 3), ("-0", 1), ("-3.14159", 6), ("10.01", 3), ("0.00123", 3),
    ])
    func `a number counts the digits on each side of its point`(text: String, size: Int) throws {
        let number = Number(canonicalText: text)
        #expect(number.sizeBytes == size)
        let alone: Item = ["n": .number(number), "s": .numberSet([number])]
        let bytes = try ItemEncoder.encode(alone)
        let counted = try EncodedAttributes.sizeBytes(bytes.span)
        #expect(counted == 2 + 2 * size)
    }

    @Test(
        arguments: [
            (["a": .stringSet([])], .emptySet), (["a": [.numberSet([])]], .emptySet),
            (["a": .binarySet([])], .emptySet),
            (["a": .stringSet(["x", "y", "x"])], .duplicateInSet),
            (["a": .numberSet([1, try? Number("1.0")].compactMap(\.self))], .duplicateInSet),
            (["a": .binarySet([[], []])], .duplicateInSet),
            (["a": ["b": .binarySet([[1], [1]])]], .duplicateInSet),
        ] as [(Item, ItemError.Code)]
    )
    func `a set without elements or with equal ones is refused`(item: Item, code: ItemError.Code) {
        #expect(#expect(throws: ItemError.self) { try item.validate() }?.code == code)
    }

    @Test func `an empty name is refused, at any depth`() {
        for item in [["": 1], ["a": ["": 1]], ["a": [["": 1]]]] as [Item] {
            let error = #expect(throws: ItemError.self) { try item.validate() }
            #expect(error?.message == "Empty attribute name")
        }
    }

    @Test(
        arguments: [
            (
                .stringSet(["b", "a", "b"]),
                "One or more parameter values were invalid: Input collection [b, a, b] contains duplicates.",
                #"One or more parameter values were invalid: Input collection ["a", "b", "b"] contains duplicates."#
            ),
            (
                .binarySet([[255], [0], [0]]),
                "One or more parameter values were invalid: Input collection [/w==, AA==, AA==]of type BS contains duplicates.",
                #"One or more parameter values were invalid: Input collection ["AA==","/w==","AA=="]of type BS contains duplicates."#
            ),
            (
                .binarySet([[1, 2, 3], [1, 2], [1, 2]]),
                "One or more parameter values were invalid: Input collection [AQID, AQI=, AQI=]of type BS contains duplicates.",
                #"One or more parameter values were invalid: Input collection ["AQI=","AQID","AQI="]of type BS contains duplicates."#
            ),
            (
                .numberSet([2, 1, 2]), "Input collection contains duplicates",
                "One or more parameter values were invalid: Input collection contains duplicates."
            ),
        ] as [(AttributeValue, String, String)]
    )
    func `a set with an element twice is told in the words of either layer`(
        set: AttributeValue,
        older: String,
        newer: String
    ) {
        #expect(set.duplicate(.older)?.message == older)
        #expect(set.duplicate(.newer)?.message == newer)
    }

    @Test func `an error does not repeat all of a large set`() {
        let large = AttributeValue.stringSet(Array(repeating: "abcdefgh", count: 10_000))
        let message = large.duplicate(.newer)?.message ?? ""
        #expect(message.utf8.count < 5_000)
        #expect(AttributeValue.stringSet(["a", "b"]).duplicate(.newer) == nil)
    }

    @Test func `sets of canonically equal texts are no duplicates`() throws {
        try (["a": .stringSet(["\u{E9}", "e\u{301}"])] as Item).validate()
    }

    @Test func `a value may be at the thirty-second level and no deeper`() throws {
        for leaf in [[], 1, "x", .stringSet(["x"]), .null] as [AttributeValue] {
            try (["a": nested(31, around: leaf)] as Item).validate()
            let error = #expect(throws: ItemError.self) {
                try (["a": nested(32, around: leaf)] as Item).validate()
            }
            #expect(error?.code == .nestingTooDeep)
        }
    }

    @Test func `a name has at most 65,535 bytes`() throws {
        let longest = String(repeating: "n", count: ItemLimits.attributeNameSizeBytes)
        try ([longest: 1] as Item).validate()
        try (["a": [longest: 1]] as Item).validate()
        for item in [[longest + "n": 1], ["a": [longest + "n": 1]]] as [Item] {
            let error = #expect(throws: ItemError.self) { try item.validate() }
            #expect(error?.code == .nameTooLong)
        }
    }

    @Test func `an item of exactly 400 KB is allowed`() throws {
        let text = String(repeating: "x", count: ItemLimits.itemSizeBytes - 1)
        try (["a": .string(text)] as Item).validate()
        let error = #expect(throws: ItemError.self) {
            try (["a": .string(text + "x")] as Item).validate()
        }
        #expect(error?.message == "Item size has exceeded the maximum allowed size")
    }

    private func nested(_ levels: Int, around leaf: AttributeValue) -> AttributeValue {
        (0..<levels).reduce(leaf) { value, level in
            level % 2 == 0 ? [value] : ["m": value]
        }
    }
}

extension Number {
    /// A number whose text the test knows to be good.
    fileprivate init(canonicalText: String) {
        do throws(ItemError) {
            try self.init(canonicalText)
        } catch {
            preconditionFailure("\(error)")
        }
    }
}
