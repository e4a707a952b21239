import Testing

@testable import ShaleWire

@Suite struct EventStreamMessageTests {
    @Test func `an event is drawn as botocore reads it`() {
        let bytes = EventStreamMessage.event(
            "PayloadChunk",
            contentType: "application/octet-stream",
            Array("ab".utf8)
        )
        // Made with Python's struct and zlib.
        #expect(bytes.count == 108)
        #expect(bytes.prefix(12) == [0, 0, 0, 0x6C, 0, 0, 0, 0x5A, 0xB2, 0x5E, 0xFD, 0xCF])
        #expect(bytes.suffix(6) == [0x61, 0x62, 0x57, 0x72, 0x86, 0xA8])
        let names = String(decoding: bytes[12..<102], as: UTF8.self)
        #expect(
            names
                == "\u{B}:event-type\u{7}\u{0}\u{C}PayloadChunk"
                + "\u{D}:content-type\u{7}\u{0}\u{18}application/octet-stream"
                + "\u{D}:message-type\u{7}\u{0}\u{5}event"
        )
    }
}
