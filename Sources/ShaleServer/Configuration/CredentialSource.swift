public import ShaleOperations
public import ShaleWire

/// The access keys that a server knows.
public struct AccessKeys: Sendable {
    /// What requests are signed with.
    public var credentials: [Credential] = []
    /// Who signs with a key, by its identity; a key that is not here is the account's own.
    public var callers: [String: Caller] = [:]

    /// No keys.
    public init() {}
}

/// Where credentials come from: the environment, or the text of a file of lines.
///
///     id:secret
///     id:secret user=reader policy=reader.json
///
/// A key without a policy may do everything; one with policies only what they allow. Names of files of policies
/// are relative to the directory of the file itself.
public enum CredentialSource {
    /// The variable with the access key's identity.
    public static let accessKeyIDVariable = "SHALE_ACCESS_KEY_ID"
    /// The variable with the secret.
    public static let secretVariable = "SHALE_SECRET_ACCESS_KEY"

    /// The credential of the environment, if there is one.
    ///
    /// Half of one is refused: a server that was meant to ask for signatures must not start
    /// without.
    public static func fromEnvironment(
        _ environment: [String: String]
    ) throws(ServerError) -> [Credential] {
        let id = environment[accessKeyIDVariable] ?? ""
        let secret = environment[secretVariable] ?? ""
        guard id.isEmpty == secret.isEmpty else {
            let (set, missing) =
                id.isEmpty
                ? (secretVariable, accessKeyIDVariable) : (accessKeyIDVariable, secretVariable)
            throw ServerError(.badCredentials, "\(set) is set, but \(missing) is not: set both.")
        }
        return id.isEmpty ? [] : [Credential(accessKeyID: id, secret: secret)]
    }

    /// The keys of a file.
    ///
    /// Empty lines and lines that start with `#` are skipped; a file without any credential is
    /// refused.
    /// - Parameters:
    ///   - text: What the file holds.
    ///   - path: The name of the file, for errors.
    ///   - readPolicy: Reads the file of a policy; nil where it cannot be read.
    /// - Returns: the keys, and whose they are.
    /// - Throws: `.badCredentials` with the line.
    public static func fromFile(
        _ text: String,
        path: String,
        readPolicy: (String) -> [UInt8]?
    ) throws(ServerError) -> AccessKeys {
        var keys = AccessKeys()
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            guard let word = words.first, word.first != UInt8(ascii: "#") else { continue }
            let parts = word.split(
                separator: UInt8(ascii: ":"),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            let place = "\(path), line \(index + 1)"
            guard parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw ServerError(.badCredentials, "\(place): a line begins with `id:secret`.")
            }
            let id = String(decoding: parts[0], as: UTF8.self)
            keys.credentials.append(
                Credential(accessKeyID: id, secret: String(decoding: parts[1], as: UTF8.self))
            )
            let options = words.dropFirst().map { String(decoding: $0, as: UTF8.self) }
            guard !options.isEmpty else { continue }
            keys.callers[id] = try caller(id, options, place, readPolicy)
        }
        guard !keys.credentials.isEmpty else {
            throw ServerError(.badCredentials, "\(path) holds no credentials.")
        }
        return keys
    }

    /// What stands behind a key: whose it is, and what it may do.
    private static func caller(
        _ id: String,
        _ options: [String],
        _ place: String,
        _ readPolicy: (String) -> [UInt8]?
    ) throws(ServerError) -> Caller {
        var caller = Caller(accessKeyID: id)
        for option in options {
            let parts = option.split(separator: "=", maxSplits: 1).map(String.init)
            switch (parts.first, parts.last) {
            case ("user", let name?) where parts.count == 2:
                guard isUserName(name) else {
                    throw ServerError(
                        .badCredentials,
                        "\(place): a user's name has up to 64 letters, digits and + = , . @ _ -"
                    )
                }
                caller.userName = name
            case ("policy", let file?) where parts.count == 2:
                guard let bytes = readPolicy(file) else {
                    throw ServerError(.badCredentials, "\(place): \(file) cannot be read.")
                }
                do throws(WireError) {
                    let policy = try PolicyDocument(bytes, .identity)
                    caller.policies = (caller.policies ?? []) + [policy]
                } catch {
                    throw ServerError(.badCredentials, "\(place): \(file): \(error.message)")
                }
            default:
                throw ServerError(
                    .badCredentials,
                    "\(place): behind `id:secret` stand `user=NAME` and `policy=FILE`, nothing else."
                )
            }
        }
        return caller
    }

    /// Whether a name can stand in resource names and policies without meaning anything there.
    private static func isUserName(_ name: String) -> Bool {
        (1...64).contains(name.utf8.count)
            && name.utf8.allSatisfy { byte in
                switch byte {
                case UInt8(ascii: "a")...UInt8(ascii: "z"), UInt8(ascii: "A")...UInt8(ascii: "Z"),
                    UInt8(ascii: "0")...UInt8(ascii: "9"):
                    true
                default: "+=,.@_-".utf8.contains(byte)
                }
            }
    }
}
