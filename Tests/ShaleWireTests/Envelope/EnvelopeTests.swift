import Testing

@testable import ShaleWire

struct EnvelopeTests {
    @Test(arguments: [
        (
            WireError(.resourceNotFound, "gone"),
            #"{"__type":"com.amazonaws.dynamodb.v20120810#ResourceNotFoundException","message":"gone"}"#,
            400
        ),
        (
            WireError.validation("\"bad\""),
            #"{"__type":"com.amazon.coral.validate#ValidationException","message":"\"bad\""}"#, 400
        ),
        (
            WireError.serialization("bad"),
            #"{"__type":"com.amazon.coral.service#SerializationException","Message":"bad"}"#, 400
        ),
        (
            WireError(.internalServerError, "disk"),
            #"{"__type":"com.amazonaws.dynamodb.v20120810#InternalServerError","message":"disk"}"#,
            500
        ),
        (
            WireError(
                .conditionalCheckFailed,
                "no",
                members: [WireError.Member(name: "Item", json: Array(#"{"a":{"S":"b"}}"#.utf8))]
            ),
            #"{"__type":"com.amazonaws.dynamodb.v20120810#ConditionalCheckFailedException","message":"no","Item":{"a":{"S":"b"}}}"#,
            400
        ),
    ])
    func `an error's body and status are the service's`(error: WireError, body: String, status: Int)
    {
        #expect(String(decoding: Envelope.body(of: error), as: UTF8.self) == body)
        #expect(error.code.status == status)
    }

    @Test func `the target names the operation`() throws {
        #expect(try Envelope.operation(target: "DynamoDB_20120810.PutItem") == "PutItem")
    }

    @Test(arguments: [nil, "", "DynamoDB_20120810.", "DynamoDB_20111205.PutItem", "PutItem"])
    func `another target is an unknown operation`(target: String?) {
        let error = #expect(throws: WireError.self) { _ = try Envelope.operation(target: target) }
        #expect(error?.code == .unknownOperation)
    }

    // The check value of the polynomial, and lengths around the eight bytes of a step.
    @Test(
        arguments: [
            ("", 0), ("123456789", 0xCBF4_3926), ("a", 0xE8B7_BE43), ("{}", 0xA3A6_BF43),
            ("The quick brown fox jumps over the lazy dog", 0x414F_A339),
        ] as [(String, UInt32)]
    )
    func `the checksum is CRC-32`(text: String, expected: UInt32) {
        #expect(CRC32.checksum(Array(text.utf8)) == expected)
    }

    @Test func `the checksum by eights equals the checksum by ones`() {
        for count in 0...40 {
            let bytes = (0..<count).map { UInt8(truncatingIfNeeded: $0 &* 37 &+ 11) }
            var value: UInt32 = 0xFFFF_FFFF
            for byte in bytes {
                value ^= UInt32(byte)
                for _ in 0..<8 { value = value & 1 == 1 ? value >> 1 ^ 0xEDB8_8320 : value >> 1 }
            }
            #expect(CRC32.checksum(bytes) == ~value)
        }
    }

    @Test func `a request's identity has fifty-two characters of all its bits`() {
        let zeros = RequestID { 0 }.description
        let ones = RequestID { .max }.description
        #expect(zeros == String(repeating: "0", count: 52))
        #expect(ones == String(repeating: "V", count: 51) + "G")
        var generator = Sequence64(state: 1)
        let ids = Set((0..<1_000).map { _ in RequestID { generator.next() }.description })
        #expect(ids.count == 1_000)
        #expect(ids.allSatisfy { $0.utf8.count == 52 })
    }
}
