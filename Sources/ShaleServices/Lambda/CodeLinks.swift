internal import Crypto
internal import ShaleFunctions
package import ShalePlatform
internal import ShaleTables
internal import ShaleWire

/// Addresses at which the code of functions is fetched without a key, for ten minutes.
///
///     http://HOST/shale/code/SHA-256?expires=SECONDS&signature=HMAC-SHA-256
///
/// The key is drawn when the server starts, so that addresses end with it.
package struct CodeLinks: Sendable {
    private static let path = "/shale/code/"
    private static let lifetimeSeconds: Int64 = 600

    private let key: SymmetricKey
    private let time: any TimeSource

    /// Draws a key.
    package init(_ world: World) {
        var words: [UInt8] = []
        for _ in 0..<4 {
            let word = world.randomness.next()
            for shift in stride(from: 0, to: 64, by: 8) {
                words.append(UInt8(truncatingIfNeeded: word >> UInt64(shift)))
            }
        }
        key = SymmetricKey(data: words)
        time = world.time
    }

    /// An address for code.
    func location(of identity: String, host: String) -> String {
        let expires = time.wallMilliseconds / 1_000 + Self.lifetimeSeconds
        let signature = Hexadecimal.text(mark(identity, expires))
        return "http://\(host)\(Self.path)\(identity)?expires=\(expires)&signature=\(signature)"
    }

    /// The code that a request may fetch; nil where it is no such request.
    ///
    /// - Throws: 403 where the address is not one of this server, or is over.
    package func identity(path: String, query: String) throws(RestError) -> String? {
        guard path.hasPrefix(Self.path) else { return nil }
        let identity = String(path.dropFirst(Self.path.count))
        let pairs = PercentCoding.pairs(of: query) ?? []
        guard let text = pairs.first(where: { $0.name == "expires" })?.value,
            let expires = Int64(text), expires >= time.wallMilliseconds / 1_000,
            let signature = pairs.first(where: { $0.name == "signature" })?.value,
            let bytes = Hexadecimal.bytes(signature),
            HMAC<SHA256>.isValidAuthenticationCode(
                bytes,
                authenticating: Self.text(identity, expires),
                using: key
            )
        else {
            throw RestError(
                "AccessDeniedException",
                403,
                "This address is over, or was never given: ask GetFunction for another."
            )
        }
        return identity
    }

    private func mark(_ identity: String, _ expires: Int64) -> [UInt8] {
        Array(
            HMAC<SHA256>.authenticationCode(for: Self.text(identity, expires), using: key)
        )
    }

    private static func text(_ identity: String, _ expires: Int64) -> [UInt8] {
        Array("\(identity)\n\(expires)".utf8)
    }
}

extension LambdaService {
    /// The code of an address.
    ///
    /// - Throws: 404 where it has gone meanwhile.
    package func code(_ identity: String) async throws(RestError) -> RestReply {
        let code: [UInt8]?
        do throws(DatabaseError) {
            code = try await functions.code.code(identity)
        } catch {
            throw RestError(FunctionError(.service, error.message))
        }
        guard let code else {
            throw RestError(FunctionError(.resourceNotFound, "This code is not there any more."))
        }
        return RestReply(contentType: "application/zip", body: code)
    }
}
