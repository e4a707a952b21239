internal import ShaleOperations
internal import ShaleServices
internal import ShaleWire

/// `GetCallerIdentity`, the one call of the Security Token Service: tools ask it who they are before all else.
///
/// The Query protocol: a form in, XML out.
///
///     Action=GetCallerIdentity&Version=2011-06-15
struct CallerIdentity: Sendable {
    private static let form = "application/x-www-form-urlencoded"
    private static let contentType = "text/xml"
    private static let space = "https://sts.amazonaws.com/doc/2011-06-15/"
    private static let version = "2011-06-15"

    let account: String
    let access: AccessControl
    let identities: RequestIDSource

    /// Whether a request to the root is one of this protocol: no target, and a form.
    static func isMeant(_ request: HTTPRequest) -> Bool {
        request.targetRange == nil
            && request.header("content-type").map { $0.utf8.starts(with: form.utf8) } ?? false
    }

    func respond(_ request: HTTPRequest, nowSeconds: Int64) -> HTTPResponse {
        let id = identities.next()
        var status = 200
        var body: String
        do throws(WireError) {
            let caller = try access.caller(of: request, service: "sts", nowSeconds: nowSeconds)
            try checkAction(request)
            body = answer(caller, id)
        } catch {
            status = error.code.queryStatus
            body = failure(error, id)
        }
        return HTTPResponse(
            status: status,
            contentType: Self.contentType,
            identity: id,
            body: Array(body.utf8)
        )
    }

    private func checkAction(_ request: HTTPRequest) throws(WireError) {
        var action = ""
        var version = ""
        for pair in request.body.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard parts.count == 2 else { continue }
            let value = String(decoding: parts[1], as: UTF8.self)
            if parts[0].elementsEqual("Action".utf8) { action = value }
            if parts[0].elementsEqual("Version".utf8) { version = value }
        }
        guard action.utf8.elementsEqual("GetCallerIdentity".utf8),
            version.utf8.elementsEqual(Self.version.utf8)
        else {
            throw WireError(
                .unknownOperation,
                "Could not find operation \(action.prefix(64)) for version \(version.prefix(64))"
            )
        }
    }

    private func answer(_ caller: Caller?, _ id: RequestID) -> String {
        // Where nobody has to sign, everybody is the account itself.
        let name = caller?.resourceName(account) ?? "arn:aws:iam::\(account):root"
        return """
            <GetCallerIdentityResponse xmlns="\(Self.space)">
              <GetCallerIdentityResult>
                <Arn>\(XMLWriter.escaped(name))</Arn>
                <UserId>\(XMLWriter.escaped(caller?.accessKeyID ?? account))</UserId>
                <Account>\(account)</Account>
              </GetCallerIdentityResult>
              <ResponseMetadata>
                <RequestId>\(id)</RequestId>
              </ResponseMetadata>
            </GetCallerIdentityResponse>

            """
    }

    private func failure(_ error: WireError, _ id: RequestID) -> String {
        """
        <ErrorResponse xmlns="\(Self.space)">
          <Error>
            <Type>Sender</Type>
            <Code>\(error.code.queryName)</Code>
            <Message>\(XMLWriter.escaped(error.message))</Message>
          </Error>
          <RequestId>\(id)</RequestId>
        </ErrorResponse>

        """
    }
}

extension WireError.Code {
    /// The name of an error in the Query protocol.
    var queryName: String {
        switch self {
        case .accessDenied: "AccessDenied"
        case .unrecognizedClient: "InvalidClientTokenId"
        case .invalidSignature: "SignatureDoesNotMatch"
        case .missingAuthenticationToken: "MissingAuthenticationToken"
        case .incompleteSignature: "IncompleteSignature"
        case .unknownOperation: "InvalidAction"
        default: rawValue
        }
    }

    /// Its status there.
    var queryStatus: Int {
        switch self {
        case .accessDenied, .unrecognizedClient, .invalidSignature, .missingAuthenticationToken:
            403
        default: status
        }
    }
}
