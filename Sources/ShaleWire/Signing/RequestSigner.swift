/// Signs requests with Signature Version 4: what a client of a server with keys does.
package struct RequestSigner: Sendable {
    private let credential: Credential
    private let region: String
    private let service: String

    /// Signs for a region and a service, as `logs`.
    package init(_ credential: Credential, region: String, service: String) {
        self.credential = credential
        self.region = region
        self.service = service
    }

    /// The headers that a request needs besides its own, all of which are signed.
    ///
    /// - Parameters:
    ///   - request: The request, with its `host` header.
    ///   - nowSeconds: Seconds since 1970-01-01 UTC.
    /// - Returns: The headers to add.
    /// - Throws: `.incompleteSignature` for a key whose letters no header can have.
    package func headers(
        for request: SignableRequest,
        nowSeconds: Int64
    ) throws(WireError) -> [SignableRequest.Header] {
        let date = SigningDate(seconds: nowSeconds)
        var signed = request
        signed.headers.append(SignableRequest.Header("x-amz-date", date.text))
        let names = Set(signed.headers.map(\.name)).sorted().joined(separator: ";")
        let scope = "\(date.day)/\(region)/\(service)/\(Authorization.terminator)"
        let unsigned =
            "\(Authorization.algorithm) Credential=\(credential.accessKeyID)/\(scope), "
            + "SignedHeaders=\(names), Signature="
        let signature = SignatureVerifier.signature(
            of: signed,
            try Authorization(unsigned + "0"),
            date,
            secret: credential.secret
        )
        return [
            SignableRequest.Header("x-amz-date", date.text),
            SignableRequest.Header("authorization", unsigned + signature),
        ]
    }
}
