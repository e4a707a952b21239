import Crypto
import Testing

@testable import ShaleWire

/// Keys of signatures, derived once for a day.
@Suite struct SigningKeysTests {
    private static func scope(_ day: String) -> Authorization.Scope {
        Authorization.Scope(
            day: day,
            region: "us-east-1",
            service: "dynamodb",
            terminator: "aws4_request"
        )
    }

    @Test func `a key is derived once for a day, and is that of its day, region and client`() {
        let keys = SigningKeys()
        let monday = keys.key("id", secret: "secret", Self.scope("20260105"))
        #expect(keys.key("id", secret: "secret", Self.scope("20260105")) == monday)
        #expect(keys.count == 1)
        #expect(keys.key("id", secret: "secret", Self.scope("20260106")) != monday)
        var elsewhere = Self.scope("20260105")
        elsewhere.region = "eu-west-1"
        #expect(keys.key("id", secret: "secret", elsewhere) != monday)
        #expect(keys.key("other", secret: "secret of it", Self.scope("20260105")) != monday)
        #expect(keys.count == 4)
        #expect(monday == SigningKeys.derive("secret", Self.scope("20260105")))
    }

    // The example of Amazon's documentation ("Deriving a signing key", AWS General Reference).
    @Test func `a key is what Amazon's example derives`() {
        var scope = Self.scope("20150830")
        scope.service = "iam"
        let key = SigningKeys.derive("wJalrXUtnFEMI/K7MDENG+bPxRfiCYEXAMPLEKEY", scope)
        let text = "c4afb1cc5771d871763a393e44b703571b55cc28424d1a5e86da6ed3c154a4b9"
        let digits = text.utf8.map { UInt8($0 < 0x3A ? $0 - 0x30 : $0 - 0x57) }
        let bytes = stride(from: 0, to: digits.count, by: 2).map { place in
            digits[place] << 4 | digits[place + 1]
        }
        #expect(key == SymmetricKey(data: bytes))
    }

    @Test func `clients that name one day after the other make it remember no more than so many`() {
        let keys = SigningKeys()
        for day in 0..<(SigningKeys.mostKeys + 10) {
            _ = keys.key("id", secret: "secret", Self.scope("\(day)"))
            #expect(keys.count <= SigningKeys.mostKeys)
        }
    }
}
