/// Who signed a request, and what that key may do.
public struct Caller: Sendable, Equatable {
    /// The access key that signed.
    public var accessKeyID: String
    /// The name in resource names; the key's own where none was given.
    public var userName: String
    /// What the key may do; nil is everything: it is the account's own.
    public var policies: [PolicyDocument]?

    /// Makes a caller.
    public init(accessKeyID: String, userName: String? = nil, policies: [PolicyDocument]? = nil) {
        self.accessKeyID = accessKeyID
        self.userName = userName ?? accessKeyID
        self.policies = policies
    }

    /// The name of the user as a resource.
    public func resourceName(_ account: String) -> String {
        "arn:aws:iam::\(account):user/\(userName)"
    }
}
