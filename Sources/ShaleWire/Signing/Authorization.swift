/// The `Authorization` header of Signature Version 4, taken apart.
///
///     AWS4-HMAC-SHA256 Credential=ID/20300101/eu-west-1/dynamodb/aws4_request,
///         SignedHeaders=host;x-amz-date, Signature=64 hexadecimal digits
struct Authorization: Equatable {
    static let algorithm = "AWS4-HMAC-SHA256"
    static let terminator = "aws4_request"

    var accessKeyID: String
    /// The day, region, service and terminator that the key was derived for.
    var scope: Scope
    /// Names in lower case, in the order given.
    var signedHeaders: [String]
    /// The hexadecimal digits.
    var signature: String

    struct Scope: Equatable {
        var day: String
        var region: String
        var service: String
        var terminator: String

        var text: String { [day, region, service, terminator].joined(separator: "/") }
    }

    /// Takes `header` apart; every parameter must be there.
    init(_ header: String) throws(WireError) {
        guard let end = header.utf8.firstIndex(of: 0x20) else {
            throw Self.incomplete("Authorization header has no parameters.", header)
        }
        guard header.utf8[..<end].elementsEqual(Self.algorithm.utf8) else {
            throw Self.incomplete(
                "Unsupported AWS 'algorithm': '\(header[..<end])'. Only '\(Self.algorithm)' is "
                    + "supported.",
                header
            )
        }
        var parameters: [String: String] = [:]
        for part in header.utf8[end...].split(separator: UInt8(ascii: ",")) {
            let pair = part.split(separator: UInt8(ascii: "="), maxSplits: 1)
            guard pair.count == 2 else { continue }
            let name = CanonicalRequest.trimmed(String(decoding: pair[0], as: UTF8.self))
            parameters[name] = CanonicalRequest.trimmed(String(decoding: pair[1], as: UTF8.self))
        }
        var missing: [String] = []
        func parameter(_ name: String) -> String {
            if let value = parameters[name] { return value }
            missing.append("Authorization header requires '\(name)' parameter.")
            return ""
        }
        let credential = parameter("Credential")
        signature = parameter("Signature")
        signedHeaders = parameter("SignedHeaders").utf8.split(separator: UInt8(ascii: ";")).map {
            String(decoding: $0, as: UTF8.self).lowercased()
        }
        guard missing.isEmpty else {
            throw Self.incomplete(missing.joined(separator: " "), header)
        }
        let parts = credential.utf8.split(
            separator: UInt8(ascii: "/"),
            omittingEmptySubsequences: false
        ).map { String(decoding: $0, as: UTF8.self) }
        guard parts.count >= 5 else {
            throw WireError(
                .incompleteSignature,
                "Credential must have exactly 5 slash-delimited elements, e.g. "
                    + "keyid/date/region/service/term, got '\(credential)'"
            )
        }
        let scopeParts = Array(parts.suffix(4))
        accessKeyID = parts.dropLast(4).joined(separator: "/")
        scope = Scope(
            day: scopeParts[0],
            region: scopeParts[1],
            service: scopeParts[2],
            terminator: scopeParts[3]
        )
    }

    private static func incomplete(_ reason: String, _ header: String) -> WireError {
        WireError(.incompleteSignature, reason + " Authorization=" + header)
    }
}
