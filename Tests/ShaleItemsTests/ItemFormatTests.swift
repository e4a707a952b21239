import Testing

@testable import ShaleItems

@Suite struct ItemFormatTests {
    static let samples: [Item] = [
        [:],
        ["a": 1, "bc": ["x", .null]],
        ["s": "", "n": -12.5, "b": .binary([0, 255]), "t": true, "f": false, "z": .null],
        ["long": .string(String(repeating: "é", count: 100)), "l": [], "m": [:]],
        [
            "ss": .stringSet(["b", "a"]), "ns": .numberSet([3, -1, 0]),
            "bs": .binarySet([[2], [], [1, 2]]), "m": ["x": ["y": [1, 2, ["z": "q"]]]],
        ],
    ]

    @Test func `the bytes are those of the drawing`() throws {
        let bytes = try ItemEncoder.encode(["a": 1, "bc": ["x", .null]])
        #expect(
            bytes == [
                0x01, 0x01, 0x61, 0x32, 0x13, 0x82, 0x14, 0x02, 0x62, 0x63, 0x37, 0x11, 0x78, 0x06,
            ]
        )
    }

    @Test(arguments: samples)
    func `an item survives its bytes`(item: Item) throws {
        #expect(try ItemDecoder.decode(ItemEncoder.encode(item)) == item)
    }

    @Test func `random items survive their bytes, attribute by attribute`() throws {
        var random = SeededGenerator(seed: 1)
        for _ in 0..<2_000 {
            let item = try random.item(depth: 3)
            let encoded = try EncodedItem(item)
            #expect(try encoded.decode() == item)
            for (name, value) in item { #expect(try encoded.attribute(named: name) == value) }
            #expect(try encoded.attribute(named: "no such name") == nil)
            #expect(try ItemEncoder.encode(encoded.decode()) == encoded.bytes)
            let half = item.filter { $0.name.utf8.count % 2 == 0 }.map { ($0.name, $0.value) }
            let names = TextOrder.distinct(
                half.map(\.0) + ["", "b", "zzz"].filter { item[$0] == nil }
            )
            #expect(try ItemDecoder.decode(encoded.bytes.span, names: names) == Item(half))
        }
    }

    @Test func `equal items have equal bytes`() throws {
        let one: Item = ["s": .stringSet(["a", "b"]), "n": 1.0]
        let other: Item = ["n": 1, "s": .stringSet(["b", "a"])]
        #expect(try ItemEncoder.encode(one) == ItemEncoder.encode(other))
    }

    @Test(arguments: samples)
    func `every flipped bit gives an item or an error`(item: Item) throws {
        let bytes = try ItemEncoder.encode(item)
        for bit in 0..<(bytes.count * 8) {
            var damaged = bytes
            damaged[bit / 8] ^= 1 << UInt8(bit % 8)
            try expectTotal(damaged)
        }
    }

    @Test(arguments: samples)
    func `every cut gives an item or an error`(item: Item) throws {
        let bytes = try ItemEncoder.encode(item)
        for count in 0..<bytes.count { try expectTotal(Array(bytes[..<count])) }
    }

    @Test func `random bytes give an item or an error`() throws {
        var random = SeededGenerator(seed: 2)
        for _ in 0..<50_000 {
            var bytes = random.bytes(count: Int.random(in: 0...40, using: &random))
            if !bytes.isEmpty { bytes[0] = 1 }
            // Small bytes make more inputs that go deep.
            for index in bytes.indices.dropFirst() where index % 3 > 0 { bytes[index] &= 0x2F }
            try expectTotal(bytes)
        }
    }

    @Test(
        arguments: [
            ([], 0), ([2], 0), ([1, 1], 1), ([1, 1, 0x61], 3), ([1, 1, 0x61, 0x10], 3),
            ([1, 1, 0xFF, 0x06], 2), ([1, 1, 0x61, 0x06, 1, 0x61, 0x06], 4),
            ([1, 1, 0x62, 0x06, 1, 0x61, 0x06], 4), ([1, 1, 0x61, 0x0C], 3),
            ([1, 1, 0x61, 0x16, 0], 3), ([1, 0x81, 0x00, 0x61, 0x06], 1),
            ([1, 1, 0x61, 0xF1, 1, 0x61], 3), ([1, 1, 0x61, 0x49, 1, 0x62, 1, 0x61], 6),
        ] as [([UInt8], Int)]
    )
    func `damage is named by its offset`(bytes: [UInt8], offset: Int) {
        let error = #expect(throws: ItemError.self) { try ItemDecoder.decode(bytes) }
        #expect(error?.code == .malformedItem)
        #expect(error?.offset == offset)
    }

    @Test func `depth is bounded on both sides`() throws {
        let allowed = (1..<32).reduce([] as AttributeValue) { value, _ in [value] }
        let bytes = try ItemEncoder.encode(["a": allowed])
        #expect(try ItemDecoder.decode(bytes) == ["a": allowed])
        #expect(throws: ItemError.self) { try ItemEncoder.encode(["a": [allowed]]) }
        // Forty nested lists of valid lengths.
        var deep: [UInt8] = []
        for _ in 0..<40 {
            let count = deep.count
            deep = (count < 15 ? [UInt8(count << 4) | 7] : [0xF7, UInt8(count)]) + deep
        }
        let error = #expect(throws: ItemError.self) { try ItemDecoder.decode([1, 1, 0x61] + deep) }
        #expect(error?.message.contains("32 levels") == true)
    }

    /// Decodes whole and one attribute; what decodes must encode to the same bytes.
    private func expectTotal(_ bytes: [UInt8]) throws {
        do throws(ItemError) {
            let item = try ItemDecoder.decode(bytes)
            #expect(try ItemEncoder.encode(item) == bytes, "an item has one encoding")
        } catch {
            #expect(error.code == .malformedItem)
        }
        do throws(ItemError) {
            _ = try EncodedItem(bytes: bytes).attribute(named: "m")
            _ = try ItemDecoder.decode(bytes.span, names: ["", "a", "m", "zzz"])
        } catch {
            #expect(error.code == .malformedItem)
        }
    }
}
