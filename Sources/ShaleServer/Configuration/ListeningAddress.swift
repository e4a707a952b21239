internal import NIOCore

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Where a configuration says to listen, and whether that is allowed.
enum ListeningAddress {
    /// The numeric address, which must be of the loopback interface when nobody has to sign.
    static func resolve(
        _ configuration: ServerConfiguration
    ) throws(ServerError) -> SocketAddress {
        let place = "\(configuration.host):\(configuration.port)"
        guard (0...Int(UInt16.max)).contains(configuration.port) else {
            throw ServerError(.cannotListen, "\(place): a port is a number from 0 to 65535.")
        }
        let address: SocketAddress
        do {
            address = try SocketAddress.makeAddressResolvingHost(
                configuration.host,
                port: configuration.port
            )
        } catch {
            throw ServerError(.cannotListen, "\(place): the host is not known (\(error)).")
        }
        guard !configuration.credentials.isEmpty || isLoopback(address) else {
            throw ServerError(
                .openWithoutCredentials,
                "Refusing to listen on \(place): without credentials everybody who reaches this "
                    + "address could read and delete all data. Set "
                    + "\(CredentialSource.accessKeyIDVariable) and "
                    + "\(CredentialSource.secretVariable), or listen on 127.0.0.1."
            )
        }
        return address
    }

    private static func isLoopback(_ address: SocketAddress) -> Bool {
        switch address {
        case .v4: address.ipAddress?.utf8.starts(with: "127.".utf8) ?? false
        case .v6: address.ipAddress?.utf8.elementsEqual("::1".utf8) ?? false
        case .unixDomainSocket: true
        }
    }

    /// Why it cannot be listened on there.
    static func failure(
        _ error: any Error,
        _ configuration: ServerConfiguration
    ) -> ServerError {
        let place = "\(configuration.host):\(configuration.port)"
        guard let failure = error as? IOError else {
            return ServerError(.cannotListen, "Cannot listen on \(place): \(error)")
        }
        switch failure.errnoCode {
        case EADDRINUSE:
            return ServerError(
                .addressInUse,
                "Cannot listen on \(place): another program listens there. Stop it, or choose "
                    + "another port."
            )
        case EACCES:
            return ServerError(
                .cannotListen,
                "Cannot listen on \(place): the system does not allow this user that port. Choose "
                    + "one from 1024 up."
            )
        default:
            return ServerError(.cannotListen, "Cannot listen on \(place): \(failure)")
        }
    }
}
