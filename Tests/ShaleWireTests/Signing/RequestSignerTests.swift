import Testing

@testable import ShaleWire

@Suite struct RequestSignerTests {
    private let credential = Credential(accessKeyID: "key", secret: "secret")

    private func request(_ body: String) -> SignableRequest {
        SignableRequest(
            method: "POST",
            path: "/",
            query: "",
            headers: [.init("host", "127.0.0.1:8000"), .init("x-amz-target", "Logs.Get")],
            body: Array(body.utf8)
        )
    }

    @Test func `what is signed here is accepted, and nothing else`() throws {
        let signer = RequestSigner(credential, region: "us-east-1", service: "logs")
        let now: Int64 = 1_800_000_000
        var signed = request("{}")
        signed.headers += try signer.headers(for: signed, nowSeconds: now)
        let verifier = SignatureVerifier([credential])
        #expect(try verifier.verify(signed, service: "logs", nowSeconds: now) == "key")
        #expect(throws: WireError.self) {
            try verifier.verify(signed, service: "iam", nowSeconds: now)
        }
        signed.body = Array("{ }".utf8)
        #expect(throws: WireError.self) {
            try verifier.verify(signed, service: "logs", nowSeconds: now)
        }
    }
}
