import ShaleBytes
import ShaleWire
import Testing

@testable import ShaleServer

/// Which coding a body has, and which one a response gets.
struct ContentCodingTests {
    @Test(arguments: [
        ("gzip", Zlib.Coding.gzip), ("x-gzip", .gzip), ("GZip", .gzip), ("deflate", .deflate),
        ("gzip, deflate, br", .gzip), ("deflate, gzip;q=0.5", .deflate),
        ("gzip;q=0.3, deflate ; q=0.30", .gzip), ("br, deflate", .deflate), ("*", .gzip),
        ("gzip;q=0, *;q=0.1", .deflate), ("gzip;q=0.5, identity;q=0.5", .gzip),
    ])
    func `the coding with the larger weight is taken`(header: String, coding: Zlib.Coding) {
        #expect(ContentCoding.accepted(header) == coding)
    }

    @Test(arguments: [
        "", "identity", "br", "gzip;q=0", "*;q=0", "gzip;q=0.2, identity", "gzip;q=none",
        "gzip;q=-1", "gzip;q=1e9", ",;,=", "gzip;q=0.0, deflate;q=0",
    ])
    func `plain bytes are sent where nothing else is wanted`(header: String) {
        #expect(ContentCoding.accepted(header) == nil)
    }

    @Test func `a request names one coding that is known`() throws {
        #expect(try ContentCoding.named("identity") == nil)
        #expect(try ContentCoding.named("X-GZIP") == .gzip)
        #expect(try ContentCoding.named("deflate") == .deflate)
        for value in ["br", "gzip, gzip", "gzip;q=1"] {
            #expect(throws: WireError.self) { try ContentCoding.named(value) }
        }
    }

    @Test func `a body with more than the limit is told apart from a damaged one`() {
        let packed = Zlib.compress([UInt8](repeating: 7, count: 100), .gzip)
        let refusals = [(packed, 99), (Array(packed.dropLast()), 100)].map { body, limit in
            Result { () throws(WireError) in try ContentCoding.decoded(body, .gzip, limit: limit) }
        }
        let codes = refusals.map { refusal -> WireError.Code? in
            guard case .failure(let error) = refusal else { return nil }
            return error.code
        }
        #expect(codes == [.requestTooLarge, .serialization])
    }
}
