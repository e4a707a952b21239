internal import Crypto
internal import Synchronization

/// Keys that were derived for a day, a region and a service: four of the six hashes of a signature, the same for every
/// request of a client on one day.
final class SigningKeys: Sendable {
    /// More are not remembered: clients choose region and day.
    static let mostKeys = 256

    private struct Name: Hashable {
        var accessKeyID: String
        var scope: String
    }

    private let keys = Mutex<[Name: SymmetricKey]>([:])

    /// How many are remembered.
    var count: Int { keys.withLock(\.count) }

    /// The key for a scope, derived from the client's secret if it is not known.
    func key(
        _ accessKeyID: String,
        secret: String,
        _ scope: Authorization.Scope
    ) -> SymmetricKey {
        let name = Name(accessKeyID: accessKeyID, scope: scope.text)
        if let known = keys.withLock({ $0[name] }) { return known }
        let derived = Self.derive(secret, scope)
        keys.withLock { keys in
            if keys.count >= Self.mostKeys { keys.removeAll() }
            keys[name] = derived
        }
        return derived
    }

    static func derive(_ secret: String, _ scope: Authorization.Scope) -> SymmetricKey {
        var key = SymmetricKey(data: Array(("AWS4" + secret).utf8))
        for part in [scope.day, scope.region, scope.service, scope.terminator] {
            let code = HMAC<SHA256>.authenticationCode(for: Array(part.utf8), using: key)
            key = SymmetricKey(data: code)
        }
        return key
    }
}
