internal import ShaleBytes
internal import ShaleWire

/// The codings of bodies: what a request's is, and which one a client takes for a response.
enum ContentCoding {
    /// Smaller responses are sent as they are.
    static let smallestCompressedBytes = 4_096

    /// The coding that a header's value names; nil for none.
    static func named(_ value: String) throws(WireError) -> Zlib.Coding? {
        switch value.lowercased() {
        case "", "identity": return nil
        case "gzip", "x-gzip": return .gzip
        case "deflate": return .deflate
        default:
            throw .serialization(
                "The content encoding '\(value.prefix(64))' is not supported: gzip and deflate are."
            )
        }
    }

    /// The bytes of a body that came in a coding.
    static func decoded(
        _ body: [UInt8],
        _ coding: Zlib.Coding,
        limit: Int
    ) throws(WireError) -> [UInt8] {
        do throws(Zlib.Failure) {
            return try Zlib.decompress(body, coding, limit: limit)
        } catch {
            switch error {
            case .malformed:
                throw .serialization(
                    "The body of the request is not the \(coding) that its Content-Encoding promises."
                )
            case .tooLarge: throw .tooLarge(limit: limit)
            }
        }
    }

    /// The coding of a response that an `Accept-Encoding` asks for: the one with the larger weight, gzip
    /// of two equal ones; nil where none is wanted, or plain bytes are wanted more.
    static func accepted(_ header: String) -> Zlib.Coding? {
        var weights: [String: Int] = [:]
        for element in header.utf8.split(separator: UInt8(ascii: ",")) {
            let parts = element.split(separator: UInt8(ascii: ";")).map(trimmed)
            guard let name = parts.first, !name.isEmpty else { continue }
            weights[name == "x-gzip" ? "gzip" : name] = weight(parts.dropFirst())
        }
        let others = weights["*"] ?? 0
        let gzip = weights["gzip"] ?? others
        let deflate = weights["deflate"] ?? others
        guard max(gzip, deflate) > 0, max(gzip, deflate) >= weights["identity"] ?? 0 else {
            return nil
        }
        return gzip >= deflate ? .gzip : .deflate
    }

    private static func trimmed(_ text: Substring.UTF8View) -> String {
        String(decoding: text.filter { $0 != 0x20 && $0 != 0x09 }, as: UTF8.self).lowercased()
    }

    /// A weight in thousandths; one that is no number asks for nothing.
    private static func weight(_ parameters: some Sequence<String>) -> Int {
        for parameter in parameters where parameter.hasPrefix("q=") {
            guard let value = Double(parameter.dropFirst(2)), (0...1).contains(value) else {
                return 0
            }
            return Int(value * 1_000)
        }
        return 1_000
    }
}

extension WireError {
    /// A body that is larger than any request may be.
    static func tooLarge(limit: Int) -> WireError {
        WireError(.requestTooLarge, "The body of a request has at most \(limit) bytes.")
    }
}

extension HTTPResponse {
    /// Compresses the body where it is worth it and the client takes it.
    mutating func compress(for request: HTTPRequest) {
        guard body.count >= ContentCoding.smallestCompressedBytes,
            let range = request.acceptedCodingsRange,
            let coding = ContentCoding.accepted(request.text(range))
        else { return }
        body = Zlib.compress(body, coding)
        headers.append(("Content-Encoding", "\(coding)"))
        headers.append(("Vary", "Accept-Encoding"))
    }
}
