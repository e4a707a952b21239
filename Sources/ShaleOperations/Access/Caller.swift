/// Who signed a request.
public struct Caller: Sendable, Equatable {
    /// The access key that signed.
    public var accessKeyID: String
    /// The name in resource names; the key's own where none was given.
    public var userName: String

    /// Makes a caller.
    public init(accessKeyID: String, userName: String? = nil) {
        self.accessKeyID = accessKeyID
        self.userName = userName ?? accessKeyID
    }

    /// The name of the user as a resource.
    public func resourceName(_ account: String) -> String {
        "arn:aws:iam::\(account):user/\(userName)"
    }
}
