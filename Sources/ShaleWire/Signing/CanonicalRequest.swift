internal import Crypto

/// The one text that both sides hash: the canonical request of Signature Version 4.
///
///     method \n path \n query \n name:value \n … \n \n names;… \n hex(SHA-256(body))
///
/// The path is normalised and percent-encoded once more; the query's pairs and the headers' names
/// are sorted by their bytes; white space in header values is trimmed and runs of it are one space.
enum CanonicalRequest {
    private static let usualBytes = 512
    private static let lineEnd = UInt8(ascii: "\n")

    /// The canonical text of `request` with the headers a signature names, in the order given; a presigned query's own
    /// signature is left out.
    ///
    /// Bytes, put together in one piece: it is made for every signed request.
    static func bytes(of request: SignableRequest, signedHeaders: [String]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(usualBytes)
        for line in [request.method, path(request.path), query(request.query)] {
            text += line.utf8
            text.append(lineEnd)
        }
        for name in signedHeaders {
            text += name.utf8
            var separator = UInt8(ascii: ":")
            for header in request.headers where header.name.utf8.elementsEqual(name.utf8) {
                text.append(separator)
                text += trimmed(header.value).utf8
                separator = UInt8(ascii: ",")
            }
            if separator == UInt8(ascii: ":") { text.append(separator) }
            text.append(lineEnd)
        }
        for (number, name) in signedHeaders.enumerated() {
            text.append(number == 0 ? lineEnd : UInt8(ascii: ";"))
            text += name.utf8
        }
        if signedHeaders.isEmpty { text.append(lineEnd) }
        text.append(lineEnd)
        Hexadecimal.append(SHA256.hash(data: request.body), to: &text)
        return text
    }

    /// The path without dot segments and repeated slashes, its bytes percent-encoded.
    static func path(_ path: String) -> String {
        if path.utf8.elementsEqual("/".utf8) { return path }
        var segments: [Substring.UTF8View] = []
        for segment in path.utf8.split(separator: UInt8(ascii: "/")) {
            if segment.elementsEqual("..".utf8) {
                _ = segments.popLast()
            } else if !segment.elementsEqual(".".utf8) {
                segments.append(segment)
            }
        }
        guard !segments.isEmpty else { return "/" }
        var text = ""
        for segment in segments {
            text += "/"
            for byte in segment { append(byte, to: &text) }
        }
        return path.utf8.last == UInt8(ascii: "/") ? text + "/" : text
    }

    /// The pairs of the query, sorted by name and then value.
    static func query(_ query: String) -> String {
        guard !query.isEmpty else { return "" }
        let pairs = query.utf8.split(separator: UInt8(ascii: "&")).map { pair in
            let parts = pair.split(
                separator: UInt8(ascii: "="),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            return (Array(parts[0]), parts.count > 1 ? Array(parts[1]) : [])
        }.filter { !$0.0.elementsEqual(PresignedQuery.signatureName.utf8) }
        let sorted = pairs.sorted { left, right in
            left.0 == right.0
                ? left.1.lexicographicallyPrecedes(right.1)
                : left.0.lexicographicallyPrecedes(right.0)
        }
        return sorted.map { name, value in
            String(decoding: name, as: UTF8.self) + "=" + String(decoding: value, as: UTF8.self)
        }.joined(separator: "&")
    }

    /// A header's value without white space around it and with single spaces in it.
    static func trimmed(_ value: String) -> String {
        if isTrimmed(value) { return value }
        let words = value.utf8.split { $0 == 0x20 || $0 == 0x09 }
        return words.map { String(decoding: $0, as: UTF8.self) }.joined(separator: " ")
    }

    /// Whether there is only single space in it, and none at its ends: as most clients send it.
    private static func isTrimmed(_ value: String) -> Bool {
        var wasSpace = true
        for byte in value.utf8 {
            let isSpace = byte == 0x20
            guard byte != 0x09, !(isSpace && wasSpace) else { return false }
            wasSpace = isSpace
        }
        return !wasSpace || value.utf8.isEmpty
    }

    private static func append(_ byte: UInt8, to text: inout String) {
        switch byte {
        case UInt8(ascii: "A")...UInt8(ascii: "Z"), UInt8(ascii: "a")...UInt8(ascii: "z"),
            UInt8(ascii: "0")...UInt8(ascii: "9"), UInt8(ascii: "-"), UInt8(ascii: "."),
            UInt8(ascii: "_"), UInt8(ascii: "~"):
            text.unicodeScalars.append(Unicode.Scalar(byte))
        default:
            text += "%" + Hexadecimal.text([byte]).uppercased()
        }
    }
}
