/// What a server is told about the functions that it runs.
public struct FunctionSettings: Sendable, Equatable {
    /// A directory of this server alone: unpacked code, virtual environments, private directories.
    ///
    /// Made if it is not there. Functions read in it, so it must not lie where only the server may look.
    public var cacheDirectory: String
    /// Interpreters by the names of their runtimes, as `python3.12` and its path, before any that is found.
    public var interpreters: [String: String]
    /// What the installer of Python packages is told of its surroundings, as `HTTPS_PROXY`.
    public var installerVariables: [String: String]

    /// Puts settings together.
    public init(
        cacheDirectory: String,
        interpreters: [String: String] = [:],
        installerVariables: [String: String] = [:]
    ) {
        self.cacheDirectory = cacheDirectory
        self.interpreters = interpreters
        self.installerVariables = installerVariables
    }
}
