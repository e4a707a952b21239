import Testing

@testable import ShaleWire

struct JSONWriterTests {
    @Test func `commas and colons come by themselves`() {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("a")
        writer.integer(-1)
        writer.name("b")
        writer.beginArray()
        writer.bool(true)
        writer.null()
        writer.beginObject()
        writer.endObject()
        writer.beginArray()
        writer.endArray()
        writer.string("")
        writer.double(0.5)
        writer.endArray()
        writer.name("c")
        writer.value(Array(#"{"x":1}"#.utf8))
        writer.endObject()
        let text = String(decoding: writer.bytes, as: UTF8.self)
        #expect(text == #"{"a":-1,"b":[true,null,{},[],"",0.5],"c":{"x":1}}"#)
    }

    @Test(arguments: [
        ("", #""""#), ("plain ä 😀 /", #""plain ä 😀 /""#), ("\"\\", #""\"\\""#),
        ("\u{8}\t\n\u{c}\r", #""\b\t\n\f\r""#), ("\u{0}\u{1f}\u{7f}", "\"\\u0000\\u001f\u{7f}\""),
        ("a,{[:", #""a,{[:""#),
    ])
    func `strings are escaped as little as possible`(text: String, expected: String) {
        var writer = JSONWriter()
        writer.string(text)
        #expect(writer.bytes == Array(expected.utf8))
    }

    /// The comma before a value is decided by the last byte: no content may look like an opening.
    @Test(arguments: ["{", "[", ":", ",", "\\", "\""])
    func `a string that ends like an opening does not swallow a comma`(text: String) throws {
        var writer = JSONWriter()
        writer.beginArray()
        writer.string(text)
        writer.string(text)
        writer.endArray()
        var reader = JSONReader(writer.bytes)
        let read = try reader.readList { reader throws(WireError) in try reader.readString() }
        #expect(read == [text, text])
    }
}
