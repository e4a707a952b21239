/// How function processes are kept: where, as whom, with what.
package struct ProcessConfiguration: Sendable {
    /// A directory for unpacked code, virtual environments and private directories; one host at a time has it.
    package var cache: String
    /// A directory for virtual environments; nil is one in the cache.
    package var pythons: String?
    /// The region that functions are told.
    package var region = "us-east-1"
    /// Interpreters by the name of their runtime, before any that is found: `python3.12` and its path.
    package var interpreters: [String: String] = [:]
    /// Where interpreters are looked for.
    package var searchPath = ["/usr/local/bin", "/usr/bin", "/bin"]
    /// Whom functions run as when the program is root: each environment as another one of these.
    ///
    /// The default is the range that systemd keeps for such users. A range of one is shared by all.
    package var users: ClosedRange<UInt32> = 61_184...65_519
    /// The directory in which hosts of one machine lock the users that they use.
    package var userLocks = "/var/run/shale-users"
    /// What functions are told besides their own variables, as `AWS_ACCESS_KEY_ID`.
    ///
    /// Asked at each start of an environment.
    package var variables: @Sendable () -> [String: String] = { [:] }
    /// What the installer of Python packages is told, as `HTTPS_PROXY` and `PIP_INDEX_URL`.
    package var installerVariables: [String: String] = [:]
    /// Directories that functions do not see, where the kernel grants that: the database's.
    package var hidden: [String] = []
    /// The most open files of a process.
    package var openFiles: UInt64 = 1_024
    /// The most processes and threads of an environment.
    package var processes: UInt64 = 1_024
    /// The most bytes of a file that a function writes.
    package var fileBytes: UInt64 = 536_870_912

    /// Everything as it is usual, in this directory.
    package init(cache: String) { self.cache = cache }
}
