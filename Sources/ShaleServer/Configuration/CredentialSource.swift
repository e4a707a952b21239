public import ShaleWire

/// Where credentials come from: the environment, or the text of a file of lines `id:secret`.
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

    /// The credentials of a file.
    ///
    /// Empty lines and lines that start with `#` are skipped; a file without any credential is
    /// refused.
    public static func fromFile(
        _ text: String,
        path: String
    ) throws(ServerError) -> [Credential] {
        var credentials: [Credential] = []
        let lines = text.utf8.split(separator: 0x0A, omittingEmptySubsequences: false)
        for (index, line) in lines.enumerated() {
            let words = line.split { $0 == 0x20 || $0 == 0x09 || $0 == 0x0D }
            guard let word = words.first, word.first != UInt8(ascii: "#") else { continue }
            let parts = word.split(
                separator: UInt8(ascii: ":"),
                maxSplits: 1,
                omittingEmptySubsequences: false
            )
            guard words.count == 1, parts.count == 2, !parts[0].isEmpty, !parts[1].isEmpty else {
                throw ServerError(
                    .badCredentials,
                    "\(path), line \(index + 1): a line holds `id:secret` and nothing else."
                )
            }
            credentials.append(
                Credential(
                    accessKeyID: String(decoding: parts[0], as: UTF8.self),
                    secret: String(decoding: parts[1], as: UTF8.self)
                )
            )
        }
        guard !credentials.isEmpty else {
            throw ServerError(.badCredentials, "\(path) holds no credentials.")
        }
        return credentials
    }
}
