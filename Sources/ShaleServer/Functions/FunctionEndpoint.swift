internal import ShalePlatform
internal import ShaleWire
internal import Synchronization

/// What functions are told so that their clients reach this server: its address, and a key of their own.
final class FunctionEndpoint: Sendable {
    private static let letters = Array("ABCDEFGHIJKLMNOPQRSTUVWXYZ234567")

    /// The key that functions sign with; drawn anew at each start, and the account's own.
    let credential: Credential
    private let secret: String
    private let address = Mutex<Server.Address?>(nil)

    init(_ world: World) {
        let key = "ASIA" + Self.draw(16, world)
        secret = Self.draw(40, world)
        credential = Credential(accessKeyID: key, secret: secret)
    }

    private static func draw(_ count: Int, _ world: World) -> String {
        String((0..<count).map { _ in letters[Int(world.randomness.next() >> 59)] })
    }

    /// Says where the server listens, which is known only once it does.
    func isReached(at address: Server.Address) { self.address.withLock { $0 = address } }

    /// The variables of environments that start now.
    var variables: [String: String] {
        var variables = [
            "AWS_ACCESS_KEY_ID": credential.accessKeyID, "AWS_SECRET_ACCESS_KEY": secret,
        ]
        if let address = address.withLock({ $0 }) {
            variables["AWS_ENDPOINT_URL"] = "http://\(Self.reachable(address))"
        }
        return variables
    }

    /// An address that takes connections for all others is reached by the loopback interface.
    private static func reachable(_ address: Server.Address) -> Server.Address {
        switch address.host {
        case "0.0.0.0": Server.Address(host: "127.0.0.1", port: address.port)
        case "::": Server.Address(host: "::1", port: address.port)
        default: address
        }
    }
}
