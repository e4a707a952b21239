internal import Crypto

/// Verifies Signature Version 4, in a header or in the query of a presigned address.
///
/// A request is accepted when a known key signed exactly these bytes within 15 minutes of now; a presigned one for as
/// long as it says, a week at most. The region of the scope is the client's choice: one server stands for whichever region it is
/// asked as. A session's token is covered by the signature like any header, and says nothing here. The time is an argument.
public struct SignatureVerifier: Sendable {
    /// How far a client's clock may be off.
    public static let allowedSkewSeconds: Int64 = 15 * 60
    /// What requests are signed for.
    public static let service = "dynamodb"

    private let secrets: [String: String]
    private let keys = SigningKeys()

    /// Accepts requests signed by one of `credentials`.
    public init(_ credentials: [Credential]) {
        secrets = Dictionary(credentials.map { ($0.accessKeyID, $0.secret) }) { _, last in last }
    }

    /// Gives the access key that signed `request` for `service`, or says why it is not accepted.
    ///
    /// The time is in seconds since 1970-01-01 UTC.
    @discardableResult
    public func verify(
        _ request: SignableRequest,
        service: String = Self.service,
        nowSeconds: Int64
    ) throws(WireError) -> String {
        guard let header = request.header("authorization") else {
            guard PresignedQuery.isSigned(request.query) else {
                throw WireError(
                    .missingAuthenticationToken,
                    "Request is missing Authentication Token"
                )
            }
            return try verify(presigned: request, service, nowSeconds)
        }
        guard header.utf8.starts(with: "AWS4-".utf8) else {
            throw WireError(
                .missingAuthenticationToken,
                "Request is missing Authentication Token"
            )
        }
        let authorization = try Authorization(header)
        let date = try Self.date(of: request, header)
        try Self.check(authorization, date, request, service)
        let secret = try secret(of: authorization)
        try Self.checkSkew(date, nowSeconds)
        try check(request, authorization, date, secret: secret)
        return authorization.accessKeyID
    }

    private func verify(
        presigned request: SignableRequest,
        _ service: String,
        _ nowSeconds: Int64
    ) throws(WireError) -> String {
        let query = try PresignedQuery(request.query)
        try Self.check(query.authorization, query.date, request, service)
        let secret = try secret(of: query.authorization)
        guard nowSeconds <= query.date.seconds + query.expiresSeconds else {
            let now = SigningDate(seconds: nowSeconds)
            let end = SigningDate(seconds: query.date.seconds + query.expiresSeconds)
            throw WireError(
                .invalidSignature,
                "Signature expired: \(now.text) is now later than \(end.text)"
            )
        }
        if query.date.seconds > nowSeconds { try Self.checkSkew(query.date, nowSeconds) }
        try check(request, query.authorization, query.date, secret: secret)
        return query.authorization.accessKeyID
    }

    private func secret(of authorization: Authorization) throws(WireError) -> String {
        guard let secret = secrets[authorization.accessKeyID] else {
            throw WireError(
                .unrecognizedClient,
                "The security token included in the request is invalid."
            )
        }
        return secret
    }

    private func check(
        _ request: SignableRequest,
        _ authorization: Authorization,
        _ date: SigningDate,
        secret: String
    ) throws(WireError) {
        let key = keys.key(authorization.accessKeyID, secret: secret, authorization.scope)
        let expected = Self.signature(of: request, authorization, date, key)
        guard Self.areEqual(Array(expected.utf8), Array(authorization.signature.utf8)) else {
            throw WireError(
                .invalidSignature,
                "The request signature we calculated does not match the signature you provided. "
                    + "Check your AWS Secret Access Key and signing method. Consult the service "
                    + "documentation for details."
            )
        }
    }

    private static func date(
        of request: SignableRequest,
        _ authorization: String
    ) throws(WireError) -> SigningDate {
        guard let text = request.header("x-amz-date") ?? request.header("date") else {
            throw WireError(
                .incompleteSignature,
                "Authorization header requires existence of either a 'X-Amz-Date' or a 'Date' "
                    + "header. Authorization=" + authorization
            )
        }
        guard let date = SigningDate(CanonicalRequest.trimmed(text)) else {
            throw WireError(
                .incompleteSignature,
                "Date must be in ISO-8601 'basic format'. Got '\(text)'. "
                    + "See http://en.wikipedia.org/wiki/ISO_8601"
            )
        }
        return date
    }

    private static func check(
        _ authorization: Authorization,
        _ date: SigningDate,
        _ request: SignableRequest,
        _ service: String
    ) throws(WireError) {
        let scope = authorization.scope
        var problems: [String] = []
        if !authorization.signedHeaders.contains("host") {
            problems.append(
                "'Host' or ':authority' must be a 'SignedHeader' in the AWS Authorization."
            )
        }
        if request.header("x-amz-date") != nil,
            !authorization.signedHeaders.contains("x-amz-date")
        {
            problems.append("'X-Amz-Date' must be a 'SignedHeader' in the AWS Authorization.")
        }
        if scope.region.isEmpty {
            problems.append("Credential should be scoped to a valid region.")
        }
        if !scope.service.utf8.elementsEqual(service.utf8) {
            problems.append("Credential should be scoped to correct service: '\(service)'.")
        }
        if !scope.terminator.utf8.elementsEqual(Authorization.terminator.utf8) {
            problems.append(
                "Credential should be scoped with a valid terminator: "
                    + "'\(Authorization.terminator)', not '\(scope.terminator)'."
            )
        }
        if !scope.day.utf8.elementsEqual(date.day.utf8) {
            problems.append(
                "Date in Credential scope does not match YYYYMMDD from ISO-8601 version of date "
                    + "from HTTP: '\(scope.day)' != '\(date.day)', from '\(date.text)'."
            )
        }
        guard problems.isEmpty else {
            throw WireError(.invalidSignature, problems.joined(separator: " "))
        }
    }

    private static func checkSkew(_ date: SigningDate, _ nowSeconds: Int64) throws(WireError) {
        guard abs(date.seconds - nowSeconds) > allowedSkewSeconds else { return }
        let now = SigningDate(seconds: nowSeconds)
        let oldest = SigningDate(seconds: now.seconds - allowedSkewSeconds)
        let newest = SigningDate(seconds: now.seconds + allowedSkewSeconds)
        guard date.seconds >= oldest.seconds else {
            throw WireError(
                .invalidSignature,
                "Signature expired: \(date.text) is now earlier than \(oldest.text) "
                    + "(\(now.text) - 15 min.)"
            )
        }
        throw WireError(
            .invalidSignature,
            "Signature not yet current: \(date.text) is still later than \(newest.text) "
                + "(\(now.text) + 15 min.)"
        )
    }

    /// The hexadecimal signature that the holder of `secret` makes.
    static func signature(
        of request: SignableRequest,
        _ authorization: Authorization,
        _ date: SigningDate,
        secret: String
    ) -> String {
        let key = SigningKeys.derive(secret, authorization.scope)
        return signature(of: request, authorization, date, key)
    }

    /// The same with the key that was derived for the scope.
    static func signature(
        of request: SignableRequest,
        _ authorization: Authorization,
        _ date: SigningDate,
        _ key: SymmetricKey
    ) -> String {
        let canonical = CanonicalRequest.bytes(
            of: request,
            signedHeaders: authorization.signedHeaders
        )
        var text: [UInt8] = []
        for line in [Authorization.algorithm, date.text, authorization.scope.text] {
            text += line.utf8
            text.append(UInt8(ascii: "\n"))
        }
        Hexadecimal.append(SHA256.hash(data: canonical), to: &text)
        return Hexadecimal.text(HMAC<SHA256>.authenticationCode(for: text, using: key))
    }

    /// Compares every byte, whatever the first difference: time must not tell where it is.
    private static func areEqual(_ left: [UInt8], _ right: [UInt8]) -> Bool {
        guard left.count == right.count else { return false }
        var difference: UInt8 = 0
        for index in left.indices { difference |= left[index] ^ right[index] }
        return difference == 0
    }
}
