import Testing

@testable import ShaleWire

/// What the reader makes of texts: the same values for every way to write them, one error for
/// every text that is not JSON, and never a trap.
struct JSONReaderTests {
    /// Reads a whole text and forgets it.
    static func check(_ bytes: [UInt8]) throws(WireError) {
        var reader = JSONReader(bytes)
        try reader.skipValue()
        try reader.finish()
    }

    @Test(arguments: [
        "{}", "[]", "null", "true", "false", "0", "-0", "10", "-1.5", "1e5", "1E-5", "0.0e+1",
        #""""#, #""a""#, #" { "a" : [ 1 , "b" , { } ] } "#, #"{"a":1,"a":2}"#,
        #""\"\\\/\b\f\n\r\t""#, #""\u0041\uD83D\uDE00""#, "\"\u{7f}ä😀\"", "\t\n\r []",
    ])
    func `well-formed texts are read`(text: String) throws {
        try Self.check(Array(text.utf8))
    }

    @Test(arguments: [
        "", " ", "{", "[", "}", "]", "{]", "[}", "{,}", "[,]", "[1,]", #"{"a"}"#, #"{"a":}"#,
        #"{"a":1,}"#, #"{"a" 1}"#, "{a:1}", "{1:1}", "01", "-", "1.", ".5", "1e", "1e+", "+1",
        "0x1",
        "NaN", "Infinity", "tru", "nul", "True", "truee", "1 2", "[] []", "'a'", #"""#, #""\"#,
        #""\x""#,
        #""\u12""#, #""\u12G4""#, #""\uD83D""#, #""\uD83D\u0041""#, #""\uDE00""#, #""\uD83Dx""#,
        "\"\n\"", "\"\u{0}\"", "// c\n1", "\u{FEFF}1",
    ])
    func `texts that are not JSON are refused`(text: String) {
        let error = #expect(throws: WireError.self) { try Self.check(Array(text.utf8)) }
        #expect(error?.code == .serialization)
    }

    @Test(
        arguments: [
            [0xFF], [0xC0, 0xAF], [0xE0, 0x80, 0x80], [0xED, 0xA0, 0x80], [0xF5, 0x80, 0x80, 0x80],
            [0x80], [0xC3], [0xF0, 0x9F, 0x98],
        ] as [[UInt8]]
    )
    func `a string that is not UTF-8 is refused`(bytes: [UInt8]) {
        let quote = UInt8(ascii: "\"")
        #expect(throws: WireError.self) { try Self.check([quote] + bytes + [quote]) }
        #expect(throws: WireError.self) {
            try Self.check([quote] + Array(#"\n"#.utf8) + bytes + [quote])
        }
    }

    @Test(arguments: [
        (#""""#, ""), (#""abc""#, "abc"), (#""a\"b\\c\/d""#, "a\"b\\c/d"),
        (#""\b\f\n\r\t""#, "\u{8}\u{c}\n\r\t"), (#""\u00e4\u20AC""#, "ä€"),
        (#""x\uD83D\uDE00y""#, "x😀y"), (#""\u0000""#, "\u{0}"),
    ])
    func `strings are what they stand for`(text: String, expected: String) throws {
        var reader = JSONReader(Array(text.utf8))
        #expect(Array(try reader.readString().utf8) == Array(expected.utf8))
    }

    @Test(arguments: ["0", "-12.50", "1E+5", "123456789012345678901234567890.12345678"])
    func `numbers keep their digits`(text: String) throws {
        var reader = JSONReader(Array(text.utf8))
        #expect(Array(try reader.readNumberText()) == Array(text.utf8))
    }

    @Test(arguments: [
        ("7", 7), ("-7", -7), ("7.9", 7), ("1e3", 1_000), ("9223372036854775807", Int.max),
    ])
    func `whole numbers lose what is behind the point`(text: String, expected: Int) throws {
        var reader = JSONReader(Array(text.utf8))
        #expect(try reader.readInteger() == expected)
    }

    @Test(arguments: ["1e400", "99999999999999999999", "-1e19"])
    func `whole numbers that do not fit are refused`(text: String) {
        #expect(throws: WireError.self) {
            var reader = JSONReader(Array(text.utf8))
            _ = try reader.readInteger()
        }
    }

    @Test(arguments: [
        (JSONReader.maxDepth, true), (JSONReader.maxDepth + 1, false), (200_000, false),
    ])
    func `nesting has a limit where it is read, and none where it is skipped`(
        depth: Int,
        isRead: Bool
    ) throws {
        for (open, close) in [("[", "]"), (#"{"a":"#, "}"), (#"[1,{"a":"#, ",\"b\":2}]")] {
            let inner = open == "[" ? "" : "1"
            let count = depth / (open.hasPrefix("[1") ? 2 : 1)
            let text = Array(
                (String(repeating: open, count: count) + inner
                    + String(repeating: close, count: count)).utf8
            )
            try Self.check(text)
            for broken in [Array(text.dropLast()), text + [UInt8(ascii: "]")]] {
                #expect(throws: WireError.self) { try Self.check(broken) }
            }
            guard depth % 2 == 0 || !open.hasPrefix("[1") else { continue }
            var error: WireError?
            do throws(WireError) {
                _ = try JSONReader.document(text)
            } catch let caught {
                error = caught
            }
            #expect((error == nil) == isRead)
        }
    }

    @Test(arguments: [
        "[", "{", "[1", "[1,", "[1 2]", "[1}", #"{"a"}"#, #"{"a":}"#, #"{"a":1]"#, #"{"a":1,}"#,
        #"{1:2}"#, #"{"a" 1}"#, "[,1]", "[[]", "{}}",
    ])
    func `what is skipped is checked as strictly as what is read`(text: String) {
        #expect(throws: WireError.self) { try Self.check(Array(text.utf8)) }
    }

    @Test func `what was read is told again without the space between its parts`() throws {
        var reader = JSONReader(Array(#" { "a b" : [ 1 , "x \" y" , "\\" , { } ] } "#.utf8))
        let start = reader.position
        try reader.skipValue()
        #expect(reader.text(from: start) == #"{"a b":[1,"x \" y","\\",{}]}"#)
    }

    @Test func `members come in order, and nulls are absent from structures`() throws {
        var reader = JSONReader(Array(#"{"b":1,"a":null,"ä":{},"c":[2]}"#.utf8))
        var names: [String] = []
        try reader.readStructure { (reader, name) throws(WireError) in
            names.append(name)
            try reader.skipValue()
        }
        try reader.finish()
        #expect(names == ["b", "c"])
    }

    @Test(arguments: [
        (#"1"#, "NUMBER_VALUE cannot be converted to String"),
        (#"true"#, "TRUE_VALUE cannot be converted to String"),
        (#"false"#, "FALSE_VALUE cannot be converted to String"),
        (#"{}"#, "Start of structure or map found where not expected."),
        (#"[]"#, "Unrecognized collection type for String"),
    ])
    func `another kind of value is named in the service's words`(text: String, words: String) {
        let error = #expect(throws: WireError.self) {
            var reader = JSONReader(Array(text.utf8))
            _ = try reader.readString()
        }
        #expect(error == .serialization(words))
    }

    /// Every prefix of a text, and every text with one byte changed, is read or refused.
    ///
    /// The texts that must be refused are the canary: a reader that accepts all would fail here.
    @Test func `no cut and no changed byte makes the reader trap`() throws {
        let text = Array(
            #"{"TableName":"t","Item":{"a":{"S":"\u00e4\n😀"},"b":{"L":[{"N":"-1.5e3"},null]}}}"#
                .utf8
        )
        try Self.check(text)
        for count in 0..<text.count {
            #expect(throws: WireError.self) { try Self.check(Array(text[..<count])) }
        }
        var refused = 0
        for index in text.indices {
            for byte in UInt8.min...UInt8.max {
                var changed = text
                changed[index] = byte
                do { try Self.check(changed) } catch { refused += 1 }
            }
        }
        #expect(refused > text.count)
    }

    @Test func `random bytes of JSON's alphabet are read or refused`() {
        var generator = Sequence64(state: 7)
        let alphabet = Array(#"{}[]":,\u0123456789abcdefE+-.truefalsn "#.utf8) + [0x80, 0xC3, 0xA4]
        for _ in 0..<20_000 {
            let count = Int(generator.next() % 40)
            let text = (0..<count).map { _ in
                alphabet[Int(generator.next() % UInt64(alphabet.count))]
            }
            do throws(WireError) {
                try Self.check(text)
            } catch {
                #expect(error.code == .serialization)
            }
        }
    }
}

/// A reproducible sequence (SplitMix64).
struct Sequence64: RandomNumberGenerator {
    var state: UInt64

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
