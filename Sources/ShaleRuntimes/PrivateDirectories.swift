internal import ShaleFunctions
internal import ShalePlatform

/// The directories that environments have for themselves, and the ends of their users.
struct PrivateDirectories: Sendable {
    private let path: String
    private let users: FunctionUsers

    /// Opens the directory, ends the processes of those who left something in it, and removes that.
    init(_ path: String, _ users: FunctionUsers) throws(FileError) {
        self.path = path
        self.users = users
        let places = ProgramFiles.names(in: path).map { "\(path)/\($0)" }
        // Whoever was killed with the server took its own group along and no other.
        let owners = Set(places.compactMap { ProgramFiles.status($0)?.owner })
        users.endProcesses(owners.sorted())
        for place in places { try ProgramFiles.removeTree(place) }
        if ProgramFiles.status(path) == nil {
            try ProgramFiles.makeDirectory(path, mode: 0o711)
        }
    }

    /// Makes a directory for an environment.
    func make(_ identity: String, for user: UInt32) throws(FileError) -> String {
        let place = "\(path)/\(identity)"
        try ProgramFiles.makeDirectory(place, mode: 0o700, owner: user)
        return place
    }

    /// Ends what is left of an environment, and removes its directory.
    ///
    /// Blocks.
    ///
    /// - Throws: What the system refuses.
    func remove(_ place: String, of user: UInt32) throws(FileError) {
        users.endProcesses([user])
        try ProgramFiles.removeTree(place)
    }
}
