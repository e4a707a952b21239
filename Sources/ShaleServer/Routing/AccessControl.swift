internal import ShaleOperations
internal import ShaleServices
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

extension AccessControl {
    /// Lets a request pass whose caller may do everything; policies of keys speak of tables only.
    ///
    /// - Parameters:
    ///   - request: The request.
    ///   - service: What it is signed for, as `logs`.
    ///   - account: Whose server it is.
    ///   - nowSeconds: Seconds since 1970-01-01 UTC.
    /// - Returns: A check of the operation's name, which is asked once the operation is known.
    /// - Throws: what is wrong with the signature.
    func unrestricted(
        _ request: HTTPRequest,
        service: String,
        account: String,
        nowSeconds: Int64
    ) throws(RestError) -> OperationGuard {
        do throws(WireError) {
            let caller = try caller(of: request, service: service, nowSeconds: nowSeconds)
            return OperationGuard(caller: caller, service: service, account: account)
        } catch {
            throw RestError(error)
        }
    }
}

/// Keeps callers whose keys have policies from what is the account's: functions, logs, identities.
struct OperationGuard: Sendable {
    fileprivate let caller: Caller?
    fileprivate let service: String
    fileprivate let account: String

    /// Refuses a caller that policies restrict.
    func check(_ operation: String) throws(RestError) {
        guard let caller, caller.policies != nil else { return }
        throw RestError(
            WireError(
                .accessDenied,
                "User: \(caller.resourceName(account)) is not authorized to perform: "
                    + "\(service):\(operation): policies of keys speak of tables only here, so that a "
                    + "key with policies may not use this service."
            )
        )
    }
}
