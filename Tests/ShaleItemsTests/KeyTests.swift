import Testing

@testable import ShaleItems

@Suite struct KeyTests {
    @Test(
        arguments: [
            ("a", [0x20, 0x61, 0x00, 0x01]), ("a\0", [0x20, 0x61, 0x00, 0xFF, 0x00, 0x01]),
            ("ab", [0x20, 0x61, 0x62, 0x00, 0x01]), (.binary([0, 1]), [0x30, 0, 0xFF, 1, 0, 1]),
            (1, [0x13, 0x82, 0x14]),
        ] as [(AttributeValue, [UInt8])]
    )
    func `the bytes are those of the drawing`(value: AttributeValue, bytes: [UInt8]) throws {
        #expect(try KeyCoding.encode(value) == bytes)
        #expect(try KeyCoding.decode(bytes) == value)
    }

    @Test func `composite keys order part by part`() throws {
        var random = SeededGenerator(seed: 7)
        for _ in 0..<5_000 {
            let left = (random.text(), try random.number(), random.bytes(count: 2))
            let right = (
                Bool.random(using: &random) ? left.0 : random.text(),
                Bool.random(using: &random) ? left.1 : try random.number(),
                random.bytes(count: 2)
            )
            let leftKey = try key(left.0, left.1, left.2)
            let rightKey = try key(right.0, right.1, right.2)
            let byText = TextOrder.order(left.0, right.0)
            let byBytes = TextOrder.order(left.2.span, right.2.span)
            let expected =
                byText != 0
                ? byText < 0 : left.1 != right.1 ? left.1 < right.1 : byBytes < 0
            #expect(SetOrder.bytesPrecede(leftKey, rightKey) == expected)
        }
    }

    @Test func `parts are read back one after the other`() throws {
        var random = SeededGenerator(seed: 8)
        for _ in 0..<2_000 {
            let parts = (random.text(), try random.number(), random.bytes(count: 5))
            let bytes = try key(parts.0, parts.1, parts.2)
            var offset = 0
            #expect(try KeyCoding.read(from: bytes.span, at: &offset) == .string(parts.0))
            #expect(try KeyCoding.read(from: bytes.span, at: &offset) == .number(parts.1))
            #expect(try KeyCoding.read(from: bytes.span, at: &offset) == .binary(parts.2))
            #expect(offset == bytes.count)
        }
    }

    @Test func `a prefix spans exactly the values that begin with it`() throws {
        var random = SeededGenerator(seed: 9)
        for _ in 0..<3_000 {
            let prefix = random.text()
            let text = Bool.random(using: &random) ? prefix + random.text() : random.text()
            var lower: [UInt8] = []
            try KeyCoding.appendPrefix(.string(prefix), to: &lower)
            let upper = try #require(KeyCoding.successor(ofPrefix: lower))
            let bytes = try KeyCoding.encode(.string(text))
            let isInside =
                !SetOrder.bytesPrecede(bytes, lower) && SetOrder.bytesPrecede(bytes, upper)
            #expect(isInside == TextOrder.begins(text, with: prefix))
        }
    }

    @Test func `nothing follows a prefix of highest bytes`() {
        #expect(KeyCoding.successor(ofPrefix: [0xFF, 0xFF]) == nil)
        #expect(KeyCoding.successor(ofPrefix: [1, 0xFF]) == [2])
        #expect(KeyCoding.successor(ofPrefix: []) == nil)
    }

    @Test(
        arguments: [
            [], [0x20], [0x20, 0x61], [0x20, 0x00], [0x20, 0x00, 0x02], [0x99],
            [0x20, 0xFF, 0x00, 0x01], [0x30, 0x00, 0x01, 0x00], [0x13], [0x13, 0x80, 0x00],
        ] as [[UInt8]]
    )
    func `damaged key bytes are refused`(bytes: [UInt8]) {
        let error = #expect(throws: ItemError.self) { try KeyCoding.decode(bytes) }
        #expect(error?.code == .malformedKey)
    }

    @Test func `random bytes never trap the key decoder`() {
        var random = SeededGenerator(seed: 10)
        var decoded = 0
        for _ in 0..<50_000 {
            var bytes = random.bytes(count: Int.random(in: 0...12, using: &random))
            if !bytes.isEmpty { bytes[0] = [0x11, 0x12, 0x13, 0x20, 0x30][Int(bytes[0] % 5)] }
            do throws(ItemError) {
                let value = try KeyCoding.decode(bytes)
                #expect(try KeyCoding.encode(value) == bytes, "a key has one encoding")
                decoded += 1
            } catch {
                #expect(error.code == .malformedKey)
            }
        }
        #expect(decoded > 0)
    }

    @Test(
        arguments: [
            ([:], .keyMissing), (["p": 1], .keyTypeMismatch), (["p": ""], .keyEmpty),
            (["p": "x"], .keyMissing), (["p": "x", "s": "y"], .keyTypeMismatch),
            (["p": .string(String(repeating: "x", count: 2_049)), "s": 1], .keyTooLarge),
        ] as [(Item, ItemError.Code)]
    )
    func `an item without its key is refused`(item: Item, code: ItemError.Code) {
        let schema = KeySchema(partition: .init("p", .string), sort: .init("s", .number))
        #expect(#expect(throws: ItemError.self) { try item.key(schema) }?.code == code)
    }

    @Test func `the key of an item is its key attributes`() throws {
        let schema = KeySchema(partition: .init("p", .string), sort: .init("s", .number))
        #expect(try (["p": "x", "s": 1, "other": true] as Item).key(schema) == ["p": "x", "s": 1])
    }

    private func key(_ text: String, _ number: Number, _ binary: [UInt8]) throws -> [UInt8] {
        var bytes: [UInt8] = []
        try KeyCoding.append(.string(text), to: &bytes)
        try KeyCoding.append(.number(number), to: &bytes)
        try KeyCoding.append(.binary(binary), to: &bytes)
        return bytes
    }
}
