internal import ShaleFunctions
internal import ShalePlatform

/// Unpacked archives: one directory for each SHA-256, whole or not there.
///
///     CODE/SHA256/...      read by all, written by nobody
///     CODE/SHA256.tmp      being unpacked
///
/// `CODE` itself cannot be listed by functions, so that one finds only the code whose SHA-256 it knows: its own.
struct CodeDirectory: Sendable {
    let path: String

    /// Opens the directory without what an earlier start has left.
    init(_ path: String) throws(FileError) {
        self.path = path
        // Unpacked again when it is needed: nobody tells when code is not needed any more.
        try ProgramFiles.removeTree(path)
        try ProgramFiles.makeDirectory(path, mode: 0o711)
    }

    /// Where code is.
    func place(_ identity: String) -> String { "\(path)/\(identity)" }

    /// Whether code is unpacked.
    func contains(_ identity: String) -> Bool { ProgramFiles.status(place(identity)) != nil }

    /// Unpacks code, unless it is there; of several archives into one tree, in which later files take the place of earlier ones.
    ///
    /// Blocks; one call at a time for the same code.
    ///
    /// - Throws: `.invalidZip` with what is wrong; `.service` where the disk refuses.
    func unpack(_ archives: [[UInt8]], _ identity: String) throws(FunctionError) {
        if contains(identity) { return }
        var files: [ZipArchive.File] = []
        do throws(ZipArchive.Failure) {
            for archive in archives {
                let more = try ZipArchive.files(archive, limit: FunctionLimits.unzippedBytes)
                let places = Set(more.map(\.path))
                files = files.filter { !places.contains($0.path) } + more
            }
        } catch {
            throw FunctionError(.invalidZip, "Could not unzip uploaded file: \(error.reason).")
        }
        let temporary = place(identity) + ".tmp"
        do throws(FileError) {
            try ProgramFiles.removeTree(temporary)
            try write(files, temporary)
            try PosixFileSystem().rename(temporary, to: place(identity))
        } catch {
            // A name twice in an archive, or a file where another entry wants a directory.
            if error.code == .alreadyExists || error.code == .notFound {
                throw FunctionError(.invalidZip, "Could not unzip uploaded file: \(error).")
            }
            throw FunctionError(.service, "The code could not be unpacked: \(error).")
        }
    }

    private func write(_ files: [ZipArchive.File], _ place: String) throws(FileError) {
        try ProgramFiles.makeDirectory(place, mode: 0o755)
        var made: Set<[String]> = [[]]
        for file in files {
            for depth in 0..<file.path.count where !made.contains(Array(file.path[..<depth])) {
                let parent = Array(file.path[..<depth])
                let path = place + "/" + parent.joined(separator: "/")
                try ProgramFiles.makeDirectory(path, mode: 0o755)
                made.insert(parent)
            }
            let path = place + "/" + file.path.joined(separator: "/")
            try ProgramFiles.write(file.bytes, path, mode: file.isExecutable ? 0o555 : 0o444)
        }
        // Last, for who is not root may write into none of them afterwards.
        for path in made {
            try ProgramFiles.setMode(place + "/" + path.joined(separator: "/"), 0o555)
        }
    }
}
