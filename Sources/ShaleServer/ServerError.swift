/// Why a server does not start or does not stop cleanly: what, where and why.
public struct ServerError: Error, Sendable, Equatable, CustomStringConvertible {
    /// What went wrong.
    public enum Code: Sendable, Equatable {
        /// Anybody could reach the server, and nobody would have to sign.
        case openWithoutCredentials
        /// Another program listens there.
        case addressInUse
        /// The address cannot be listened on.
        case cannotListen
        /// The credentials cannot be read.
        case badCredentials
        /// The database cannot be opened or closed.
        case database
        /// Functions cannot be run.
        case functions
    }

    /// What went wrong.
    public var code: Code
    /// Where: `host:port`, or the path of a file; with why, and what to do about it.
    public var message: String

    /// Makes an error.
    public init(_ code: Code, _ message: String) {
        self.code = code
        self.message = message
    }

    /// The message.
    public var description: String { message }
}
