/// An access key that may sign requests.
///
/// Its description leaves the secret out: credentials end up in logs.
public struct Credential: Sendable, CustomStringConvertible, CustomReflectable {
    /// The public half, which requests name.
    public let accessKeyID: String
    /// The secret half.
    let secret: String

    /// Makes a credential.
    public init(accessKeyID: String, secret: String) {
        self.accessKeyID = accessKeyID
        self.secret = secret
    }

    /// The public half.
    public var description: String { accessKeyID }
    /// The public half alone.
    public var customMirror: Mirror { Mirror(self, children: ["accessKeyID": accessKeyID]) }
}
