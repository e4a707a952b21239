import Testing

@testable import ShaleItems

@Suite struct ItemWriterTests {
    private static let values: [(name: String, value: AttributeValue)] = [
        ("bytes", .binary(Array(0..<200))), ("flag", true),
        ("long", .string(String(repeating: "ü", count: 300))),
        ("list", [1, "a", .null]), ("map", ["inner": ["deep": 7]]), ("negative", -12),
        ("number", .number(Number(1_767_225_600_123))), ("set", .stringSet(["b", "a"])),
        ("text", "a"), ("zero", 0), ("ümlaut", ""),
    ]

    private static func write(
        _ attribute: (name: String, value: AttributeValue),
        _ item: inout ItemWriter
    ) {
        switch attribute.value {
        case .string(let text): item.set(attribute.name, text)
        case .binary(let bytes): item.set(attribute.name, bytes)
        case .bool(let flag): item.set(attribute.name, flag)
        case .number(let number): item.set(attribute.name, number.intValue.map { Int64($0) })
        default: item.set(attribute.name, attribute.value)
        }
    }

    @Test func `what is written attribute by attribute is what the encoder writes, in any order`()
        throws
    {
        var generator = SeededGenerator(seed: 17)
        for round in 0..<100 {
            let chosen = Self.values.shuffled(using: &generator).prefix(round % 12)
            var writer = ItemWriter()
            for attribute in chosen { Self.write(attribute, &writer) }
            let written = writer.finished()
            let item = Item(chosen.map { ($0.name, $0.value) })
            #expect(written.bytes == (try ItemEncoder.encode(item)))
            #expect(written.sizeBytes == item.sizeBytes)
        }
    }

    @Test func `what is nil is no attribute`() throws {
        var writer = ItemWriter()
        writer.set("a", nil as String?)
        writer.set("b", nil as Int64?)
        writer.set("c", nil as [UInt8]?)
        writer.set("d", nil as AttributeValue?)
        let written = writer.finished()
        #expect(try ItemDecoder.decode(written.bytes) == [:])
        #expect(written.sizeBytes == 0)
    }
}
