internal import ShaleOperations
internal import ShaleWire

/// Who may send requests: everybody, or who signs with a key that the server knows.
struct AccessControl: Sendable {
    /// Nil when requests need no signature.
    private let verifier: SignatureVerifier?
    private let callers: [String: Caller]

    init(_ credentials: [Credential], _ callers: [String: Caller]) {
        verifier = credentials.isEmpty ? nil : SignatureVerifier(credentials)
        self.callers = callers
    }

    /// Who signed a request; nil where nobody has to.
    func caller(
        of request: HTTPRequest,
        service: String = SignatureVerifier.service,
        nowSeconds: Int64
    ) throws(WireError) -> Caller? {
        guard let verifier else { return nil }
        let signed = SignableRequest(
            method: request.method,
            path: request.path,
            query: request.query,
            headers: request.headers,
            body: request.body
        )
        let key = try verifier.verify(signed, service: service, nowSeconds: nowSeconds)
        return callers[key] ?? Caller(accessKeyID: key)
    }
}
