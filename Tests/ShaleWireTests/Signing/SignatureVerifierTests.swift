import ShalePlatform
import Testing

@testable import ShaleWire

struct SignatureVerifierTests {
    static func now(_ vector: SignedVector, offset: Int64 = 0) throws -> Int64 {
        try #require(SigningDate(vector.date)).seconds + offset
    }

    static func code(_ body: () throws -> Void) -> WireError.Code? {
        do {
            try body()
            return nil
        } catch {
            return (error as? WireError)?.code
        }
    }

    @Test(arguments: SignedVector.all)
    func `what botocore signed is accepted`(vector: SignedVector) throws {
        let verifier = SignatureVerifier([
            Credential(accessKeyID: "other", secret: "x"), vector.credential,
        ])
        for offset: Int64 in [0, -900, 900] {
            let id = try verifier.verify(
                vector.request,
                nowSeconds: try Self.now(vector, offset: offset)
            )
            #expect(id == vector.credential.accessKeyID)
        }
    }

    @Test(arguments: SignedVector.all)
    func `another byte anywhere is refused`(vector: SignedVector) throws {
        let verifier = SignatureVerifier([vector.credential])
        let now = try Self.now(vector)
        var changes: [SignableRequest] = []
        var changed = vector.request
        changed.body.append(0x20)
        changes.append(changed)
        changed = vector.request
        changed.method = "PUT"
        changes.append(changed)
        changed = vector.request
        changed.path += "x"
        changes.append(changed)
        changed = vector.request
        changed.query += "&z=1"
        changes.append(changed)
        changed = vector.request
        changed.headers[0].value += "1"
        changes.append(changed)
        for request in changes {
            #expect(
                Self.code { try verifier.verify(request, nowSeconds: now) } == .invalidSignature
            )
        }
    }

    @Test func `another secret and an unknown key are told apart`() throws {
        let vector = SignedVector.all[0]
        let now = try Self.now(vector)
        let id = vector.credential.accessKeyID
        let wrong = SignatureVerifier([Credential(accessKeyID: id, secret: "wrong")])
        #expect(
            Self.code { try wrong.verify(vector.request, nowSeconds: now) } == .invalidSignature
        )
        let unknown = SignatureVerifier([Credential(accessKeyID: "x", secret: "wrong")])
        #expect(
            Self.code { try unknown.verify(vector.request, nowSeconds: now) } == .unrecognizedClient
        )
    }

    @Test(
        arguments: [
            (
                901,
                "Signature expired: 20300102T030405Z is now earlier than 20300102T030406Z (20300102T031906Z - 15 min.)"
            ),
            (
                -901,
                "Signature not yet current: 20300102T030405Z is still later than 20300102T030404Z (20300102T024904Z + 15 min.)"
            ),
        ] as [(Int64, String)]
    )
    func `clocks may differ by fifteen minutes`(offset: Int64, words: String) throws {
        let vector = SignedVector.all[0]
        let verifier = SignatureVerifier([vector.credential])
        let now = try Self.now(vector, offset: offset)
        let error = #expect(throws: WireError.self) {
            try verifier.verify(vector.request, nowSeconds: now)
        }
        #expect(error == WireError(.invalidSignature, words))
    }

    @Test(arguments: [
        ("authorization", nil, WireError.Code.missingAuthenticationToken),
        ("authorization", "Basic abc", .missingAuthenticationToken),
        ("authorization", "AWS4-HMAC-SHA256", .incompleteSignature),
        (
            "authorization", "AWS4-HMAC-SHA1 Credential=a/b/c/d/e, SignedHeaders=host, Signature=0",
            .incompleteSignature
        ),
        (
            "authorization", "AWS4-HMAC-SHA256 Credential=a/b/c/d/e, SignedHeaders=host",
            .incompleteSignature
        ),
        (
            "authorization", "AWS4-HMAC-SHA256 Credential=a/b, SignedHeaders=host, Signature=0",
            .incompleteSignature
        ),
        ("x-amz-date", nil, .incompleteSignature),
        ("x-amz-date", "Wed, 02 Jan 2030 03:04:05 GMT", .incompleteSignature),
        ("x-amz-date", "20300103T030405Z", .invalidSignature),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300102/us-east-1/s3/aws4_request, SignedHeaders=host;x-amz-date, Signature=0",
            .invalidSignature
        ),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300102/us-east-1/dynamodb/aws4, SignedHeaders=host;x-amz-date, Signature=0",
            .invalidSignature
        ),
        (
            "authorization",
            "AWS4-HMAC-SHA256 Credential=AKIDEXAMPLE/20300102/us-east-1/dynamodb/aws4_request, SignedHeaders=x-amz-date, Signature=0",
            .invalidSignature
        ),
    ])
    func `each thing that is missing or wrong has its type`(
        header: String,
        value: String?,
        code: WireError.Code
    ) throws {
        let vector = SignedVector.all[0]
        var request = vector.request
        request.headers.removeAll { $0.name == header }
        if let value { request.headers.append(.init(header, value)) }
        let verifier = SignatureVerifier([vector.credential])
        let now = try Self.now(vector)
        #expect(Self.code { try verifier.verify(request, nowSeconds: now) } == code)
    }

    @Test(arguments: [
        ("expired", "X-Amz-Expires=900", "X-Amz-Expires=899", WireError.Code.invalidSignature),
        ("too long", "X-Amz-Expires=900", "X-Amz-Expires=604801", .incompleteSignature),
        ("no number", "X-Amz-Expires=900", "X-Amz-Expires=soon", .incompleteSignature),
        ("no date", "20300102T030405Z", "yesterday", .incompleteSignature),
        (
            "nothing", "&X-Amz-SignedHeaders=content-type%3Bhost%3Bx-amz-target", "",
            .incompleteSignature
        ),
        ("half a sign", "local%2Fx", "local%2", .incompleteSignature),
        ("another token", "token%2B", "token%2C", .invalidSignature),
    ])
    func `a presigned address that is wrong is refused`(
        what: String,
        part: String,
        other: String,
        code: WireError.Code
    ) throws {
        let vector = try #require(SignedVector.all.last)
        let verifier = SignatureVerifier([vector.credential])
        var request = vector.request
        request.query = request.query.replacing(part, with: other)
        #expect(request.query != vector.request.query)
        let now = try Self.now(vector, offset: 900)
        #expect(Self.code { try verifier.verify(request, nowSeconds: now) } == code)
        let late = try Self.now(vector, offset: 901)
        #expect(
            Self.code { try verifier.verify(vector.request, nowSeconds: late) } == .invalidSignature
        )
    }

    @Test func `a credential's description does not tell its secret`() {
        let credential = Credential(accessKeyID: "id", secret: "hidden")
        var dumped = ""
        dump(credential, to: &dumped)
        #expect(!"\(credential) \(String(reflecting: credential)) \(dumped)".contains("hidden"))
    }

    @Test(
        arguments: [
            ("19700101T000000Z", 0), ("20000229T235959Z", 951_868_799),
            ("20380119T031408Z", 2_147_483_648),
            ("19691231T235959Z", -1), ("21000301T000000Z", 4_107_542_400),
        ] as [(String, Int64)]
    )
    func `dates are read and written`(text: String, seconds: Int64) {
        #expect(SigningDate(text)?.seconds == seconds)
        #expect(SigningDate(seconds: seconds).text == text)
    }

    @Test(arguments: [
        "", "20300102", "20300102T030405", "20301302T030405Z", "20300102T250405Z",
        "2030010aT030405Z",
    ])
    func `what is no date is refused`(text: String) {
        #expect(SigningDate(text) == nil)
    }

    @Test func `dates for people`() {
        #expect(CivilDate(seconds: 784_111_777).httpText == "Sun, 06 Nov 1994 08:49:37 GMT")
        #expect(
            CivilDate(seconds: 784_111_777).isoText(milliseconds: 7) == "1994-11-06T08:49:37.007Z"
        )
    }
}
