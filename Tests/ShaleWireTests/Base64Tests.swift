import Testing

@testable import ShaleWire

struct Base64Tests {
    // RFC 4648, section 10, and the two digits that differ between alphabets.
    @Test(arguments: [
        ("", ""), ("f", "Zg=="), ("fo", "Zm8="), ("foo", "Zm9v"), ("foob", "Zm9vYg=="),
        ("fooba", "Zm9vYmE="), ("foobar", "Zm9vYmFy"),
    ])
    func `the standard's examples`(plain: String, text: String) throws {
        #expect(Base64.encode(Array(plain.utf8)) == text)
        #expect(try Base64.decode(text) == Array(plain.utf8))
    }

    @Test func `every byte comes back`() throws {
        for count in 0...260 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 7) }
            #expect(try Base64.decode(Base64.encode(bytes)) == bytes)
        }
        #expect(Base64.encode([0xFB, 0xFF]) == "+/8=")
    }

    @Test(arguments: [
        "A", "AA", "AAA", "AAAAA", "A===", "====", "=AAA", "AA=A", "AB==", "AAB=", "AA A", "AA-_",
        "Zm9v\n", "Zm9vZg==Zm9v", "ÄÄ",
    ])
    func `what is not exactly base64 is refused`(text: String) {
        let error = #expect(throws: WireError.self) { _ = try Base64.decode(text) }
        #expect(error?.code == .serialization)
    }
}
