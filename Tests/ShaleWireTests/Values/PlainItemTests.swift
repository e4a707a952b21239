import ShaleItems
import Testing

@testable import ShaleWire

/// The straight way from DynamoDB JSON to stored bytes and back, against the one through an `Item`.
struct PlainItemTests {
    /// What the two readers make of the same text.
    struct Both {
        var plain: PlainItem?
        var item: Item?

        init(_ text: [UInt8]) {
            var reader = PlainReader(text, in: 0..<text.count)
            plain = reader.item()
            if !reader.isAtEnd() { plain = nil }
            var slow = JSONReader(text)
            do {
                let read = try slow.readItem()
                try slow.finish()
                try read.validate()
                item = read
            } catch {
                item = nil
            }
        }

        /// Whether what the plain reader accepts is what the other one reads.
        func agree() throws -> Bool {
            guard let plain else { return true }
            guard let item else { return false }
            return try plain.bytes == ItemEncoder.encode(item) && plain.sizeBytes == item.sizeBytes
                && plain.count == item.count
        }
    }

    static func written(_ item: Item) -> [UInt8] {
        var writer = JSONWriter()
        writer.item(item)
        return writer.bytes
    }

    @Test(
        arguments: [
            #"{}"#, #" { } "#, #"{"a":{"S":"x"}}"#, #"{"b":{"N":"1"},"a":{"N":"-2.50"}}"#,
            #"{"a" : { "BOOL" : true } , "b":{"BOOL":false},"c":{"NULL":true}}"#,
            #"{"a":{"S":"\"\\\/\b\f\n\r\t\u0041\u00e9\ud83d\ude00"}}"#, #"{"é":{"S":"😀"}}"#,
            #"{"a":{"B":"AQID"},"b":{"B":""},"c":{"B":"AQ=="}}"#,
            #"{"a":{"L":[]},"b":{"M":{}},"c":{"L":[{"N":"0"},{"L":[{"S":""}]}]}}"#,
            #"{"a":{"SS":["b","a","\u0062\u0062"]},"b":{"NS":["10","-1","2"]},"c":{"BS":["Ag==","AQ=="]}}"#,
            #"{"m":{"M":{"z":{"N":"1"},"a":{"S":"0123456789012345678901234567890123456789"}}}}"#,
            #"{"a":{"N":"1e125"},"b":{"N":"-1e-130"},"c":{"N":"99999999999999999999999999999999999999"}}"#,
        ]
    )
    func `what clients send is read the straight way`(text: String) throws {
        let both = Both(Array(text.utf8))
        #expect(both.plain != nil)
        #expect(both.item != nil)
        #expect(try both.agree())
    }

    @Test(
        arguments: [
            "", "{", #"{"a"}"#, #"{"a":{}}"#, #"{"a":{"S":"x","N":"1"}}"#, #"{"a":{"S":null}}"#,
            #"{"a":{"S":"x"}} x"#, #"{"a":{"S":"x"},}"#, #"{"a":{"S":"x"},"a":{"S":"y"}}"#,
            #"{"a":{"X":"x"}}"#, #"{"a":{"N":"x"}}"#, #"{"a":{"N":1}}"#, #"{"a":{"NULL":false}}"#,
            #"{"a":{"SS":[]}}"#, #"{"a":{"SS":["x","x"]}}"#, #"{"a":{"NS":["1","1.0"]}}"#,
            #"{"a":{"B":"A"}}"#, #"{"a":{"B":"AR=="}}"#, #"{"a":{"B":"===="}}"#,
            #"{"a":{"S":"\ud800"}}"#,
            #"{"a":{"S":"\udc00"}}"#, #"{"a":{"S":"\x"}}"#, #"{"a":{"BOOL":tru}}"#,
            #"{"a":{"N":"1e126"}}"#,
            "{\"a\":{\"S\":\"\u{1}\"}}",
        ]
    )
    func `what is wrong or unusual is left to the other reader`(text: String) {
        #expect(Both(Array(text.utf8)).plain == nil)
    }

    @Test func `text that is not UTF-8 is left to the other reader`() {
        let text = Array(#"{"a":{"S":""#.utf8) + [0xC3, 0x28] + Array(#""}}"#.utf8)
        #expect(Both(text).plain == nil)
        #expect(Both(text).item == nil)
    }

    @Test(arguments: [31, 32, 33])
    func `lists nest as deep for both readers`(levels: Int) throws {
        let open = String(repeating: #"{"L":["#, count: levels)
        let close = String(repeating: "]}", count: levels)
        let both = Both(Array((#"{"a":"# + open + close + "}").utf8))
        #expect((both.plain != nil) == (levels <= 32))
        #expect((both.item != nil) == (levels <= 32))
        #expect(try both.agree())
    }

    @Test(arguments: [409_598, 409_599, 409_600])
    func `an item over 400 KB is left to the other reader`(textSize: Int) throws {
        let text = #"{"a":{"S":""# + String(repeating: "x", count: textSize) + #""}}"#
        let both = Both(Array(text.utf8))
        #expect((both.plain != nil) == (textSize < 409_600))
        #expect((both.item != nil) == (textSize < 409_600))
        #expect(try both.agree())
    }

    @Test(arguments: 0..<40 as Range<UInt64>)
    func `any item goes both ways to the same bytes`(seed: UInt64) throws {
        var draws = ItemTextDraws(seed: seed)
        for _ in 0..<50 {
            let text = draws.item()
            let both = Both(text)
            // Only a repeated name or element keeps the plain reader from an item that is one.
            if !draws.hasRepeats {
                #expect(both.plain != nil, "\(String(decoding: text, as: UTF8.self))")
            }
            #expect(try both.agree(), "\(String(decoding: text, as: UTF8.self))")
            guard let plain = both.plain, let item = both.item else { continue }
            var writer = JSONWriter()
            try writer.item(encoded: plain.bytes.span)
            // Sets come back in their stored order, not in the one in which they were given.
            let isSame = writer.bytes == Self.written(try ItemDecoder.decode(plain.bytes))
            #expect(isSame, "\(String(decoding: text, as: UTF8.self))")
            #expect(try EncodedAttributes.sizeBytes(plain.bytes.span) == item.sizeBytes)
        }
    }

    @Test(arguments: 100..<140 as Range<UInt64>)
    func `a damaged text is never accepted with another meaning`(seed: UInt64) throws {
        var draws = ItemTextDraws(seed: seed)
        for _ in 0..<200 {
            let text = draws.damaged(draws.item())
            #expect(try Both(text).agree(), "\(String(decoding: text, as: UTF8.self))")
        }
    }

    @Test(arguments: 200..<220 as Range<UInt64>)
    func `damaged bytes of an item are written or refused, never trapped on`(seed: UInt64) throws {
        var draws = ItemTextDraws(seed: seed)
        for _ in 0..<200 {
            guard let plain = Both(draws.item()).plain else { continue }
            let bytes = draws.damaged(plain.bytes)
            var writer = JSONWriter()
            let isWritten = (try? writer.item(encoded: bytes.span)) != nil
            // What the strict decoder accepts is an item, and has one text.
            guard let item = try? ItemDecoder.decode(bytes) else { continue }
            let isSame = isWritten && writer.bytes == Self.written(item)
            #expect(isSame)
        }
    }
}

/// Draws items as clients may write them: any order of names, white space, escapes.
struct ItemTextDraws {
    private var state: UInt64
    /// Whether a name or element of the last item may have come twice.
    private(set) var hasRepeats = false

    init(seed: UInt64) { state = seed }

    private mutating func next(_ bound: Int) -> Int {
        state &+= 0x9E37_79B9_7F4A_7C15
        var mixed = state
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return Int((mixed ^ (mixed >> 31)) % UInt64(bound))
    }

    mutating func item() -> [UInt8] {
        hasRepeats = false
        return Array(attributes(depth: 3).utf8)
    }

    /// The same with one to three bytes changed, taken away or doubled.
    mutating func damaged(_ text: [UInt8]) -> [UInt8] {
        var text = text
        let letters = Array("{}[]\":,\\ SNBLMu01e-.ntf\u{1}".utf8) + [0xC3, 0xFF]
        for _ in 0...next(3) where !text.isEmpty {
            let place = next(text.count)
            switch next(4) {
            case 0: text.remove(at: place)
            case 1: text.insert(text[next(text.count)], at: place)
            case 2: text[place] ^= UInt8(1 << next(8))
            default: text[place] = letters[next(letters.count)]
            }
        }
        return text
    }

    private mutating func space() -> String { ["", "", "", " ", "\n", " \t"][next(6)] }

    private mutating func attributes(depth: Int) -> String {
        var members: [String] = []
        var names: Set<[UInt8]> = []
        for _ in 0..<next(8) {
            let name = text()
            if !names.insert(Array(name.plain.utf8)).inserted { hasRepeats = true }
            members.append(
                "\(space())\"\(name.written)\"\(space()):\(space())\(value(depth: depth))\(space())"
            )
        }
        return "{" + members.joined(separator: ",") + (members.isEmpty ? space() : "") + "}"
    }

    /// A text and how it is written.
    private mutating func text() -> (plain: String, written: String) {
        let pieces: [(String, String)] = [
            ("a", "a"), ("b", "\\u0062"), ("\"", "\\\""), ("\\", "\\\\"), ("é", "é"),
            ("é", "\\u00e9"), ("😀", "\\ud83d\\ude00"), ("\n", "\\n"), ("/", "\\/"),
            ("longer than eight bytes", "longer than eight bytes"), ("\0", "\\u0000"), ("~", "~"),
        ]
        var text = (plain: "", written: "")
        for _ in 0...next(4) {
            let piece = pieces[next(pieces.count)]
            text.plain += piece.0
            text.written += piece.1
        }
        return text
    }

    private mutating func number() -> String {
        var digits = ["", "-", "+"][next(3)]
        for _ in 0...next(20) { digits += "\(next(10))" }
        if next(3) == 0 { digits += ".\(next(1_000))" }
        if next(4) == 0 { digits += "e\(next(60) - 30)" }
        return digits
    }

    private mutating func blob() -> String {
        Base64.encode((0..<next(12)).map { _ in UInt8(truncatingIfNeeded: next(256)) })
    }

    private mutating func list(_ count: Int, _ element: (inout Self) -> String) -> String {
        let elements = (0..<count).map { _ in space() + element(&self) + space() }
        return "[" + elements.joined(separator: ",") + "]"
    }

    private mutating func value(depth: Int) -> String {
        let member: String
        switch next(depth > 0 ? 10 : 8) {
        case 0: member = "\"S\":\"\(text().written)\""
        case 1: member = "\"N\":\"\(number())\""
        case 2: member = "\"B\":\"\(blob())\""
        case 3: member = "\"BOOL\":\(space())\(next(2) == 0)"
        case 4: member = "\"NULL\":true"
        case 5:
            hasRepeats = true
            member = "\"SS\":" + list(1 + next(4)) { "\"\($0.text().written)\"" }
        case 6:
            hasRepeats = true
            member = "\"NS\":" + list(1 + next(4)) { "\"\($0.number())\"" }
        case 7:
            hasRepeats = true
            member = "\"BS\":" + list(1 + next(4)) { "\"\($0.blob())\"" }
        case 8: member = "\"L\":" + list(next(4)) { $0.value(depth: depth - 1) }
        default: member = "\"M\":\(attributes(depth: depth - 1))"
        }
        return "{\(space())\(member)\(space())}"
    }
}
