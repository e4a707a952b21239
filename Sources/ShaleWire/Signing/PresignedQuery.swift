/// Signature Version 4 in a query, as presigned addresses have it: the same as in a header, and how long it is good for.
///
///     X-Amz-Algorithm=AWS4-HMAC-SHA256&X-Amz-Credential=ID%2F20300101%2F…&X-Amz-Date=20300101T000000Z&
///     X-Amz-Expires=900&X-Amz-SignedHeaders=host&X-Amz-Signature=64 hexadecimal digits
struct PresignedQuery {
    /// The pair that the signature does not cover.
    static let signatureName = "X-Amz-Signature"
    /// How long an address may be good for, in seconds: a week.
    static let lifeSeconds: ClosedRange<Int64> = 1...604_800
    private static let algorithmName = "X-Amz-Algorithm"

    var authorization: Authorization
    var date: SigningDate
    var expiresSeconds: Int64

    /// Whether a query is signed.
    static func isSigned(_ query: String) -> Bool { value(of: algorithmName, in: query) != nil }

    /// Takes a query apart; every parameter must be there.
    init(_ query: String) throws(WireError) {
        var missing: [String] = []
        func parameter(_ name: String) -> String {
            if let value = Self.value(of: name, in: query) { return value }
            missing.append("AWS query-string parameters must include '\(name)'.")
            return ""
        }
        let algorithm = parameter(Self.algorithmName)
        let credential = parameter("X-Amz-Credential")
        let date = parameter("X-Amz-Date")
        let expires = parameter("X-Amz-Expires")
        let headers = parameter("X-Amz-SignedHeaders")
        let signature = parameter(Self.signatureName)
        guard missing.isEmpty else {
            throw WireError(
                .incompleteSignature,
                missing.joined(separator: " ") + " Re-examine the query-string parameters."
            )
        }
        authorization = try Authorization(
            "\(algorithm) Credential=\(credential), SignedHeaders=\(headers), Signature=\(signature)"
        )
        guard let date = SigningDate(date) else {
            throw WireError(
                .incompleteSignature,
                "Date must be in ISO-8601 'basic format'. Got '\(date)'. "
                    + "See http://en.wikipedia.org/wiki/ISO_8601"
            )
        }
        guard let seconds = Int64(expires), Self.lifeSeconds.contains(seconds) else {
            throw WireError(
                .incompleteSignature,
                "X-Amz-Expires must be a number of seconds from \(Self.lifeSeconds.lowerBound) to "
                    + "\(Self.lifeSeconds.upperBound), not '\(expires.prefix(32))'"
            )
        }
        self.date = date
        expiresSeconds = seconds
    }

    /// The decoded value of the first pair with a name; nil if there is none.
    private static func value(of name: String, in query: String) -> String? {
        for pair in query.utf8.split(separator: UInt8(ascii: "&")) {
            let parts = pair.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard parts[0].elementsEqual(name.utf8) else { continue }
            return parts.count > 1 ? decoded(parts[1]) : ""
        }
        return nil
    }

    /// A text without its percent signs; nil where they stand before no hexadecimal digits.
    private static func decoded(_ text: Substring.UTF8View) -> String? {
        var bytes: [UInt8] = []
        var rest = text[...]
        while let byte = rest.popFirst() {
            guard byte == UInt8(ascii: "%") else {
                bytes.append(byte)
                continue
            }
            guard let high = rest.popFirst().flatMap(digit),
                let low = rest.popFirst().flatMap(digit)
            else { return nil }
            bytes.append(high << 4 | low)
        }
        return String(validating: bytes, as: UTF8.self)
    }

    private static func digit(_ byte: UInt8) -> UInt8? {
        switch byte {
        case UInt8(ascii: "0")...UInt8(ascii: "9"): byte - UInt8(ascii: "0")
        case UInt8(ascii: "a")...UInt8(ascii: "f"): byte - UInt8(ascii: "a") + 10
        case UInt8(ascii: "A")...UInt8(ascii: "F"): byte - UInt8(ascii: "A") + 10
        default: nil
        }
    }
}
