internal import ShalePlatform

extension FileSystem {
    /// What is read and written at a time.
    private static var copyStretchBytes: Int { 1024 * 1024 }

    /// Gives a file a second name, or copies it where the file system has no links.
    ///
    /// A copy is synced; its name is as durable as a link's: when the directory is.
    func linkOrCopy(_ from: String, to: String) throws(FileError) {
        do throws(FileError) {
            try link(from, to: to)
        } catch {
            if error.code == .noSpace || error.code == .alreadyExists { throw error }
            try copy(from, to: to)
        }
    }

    /// Copies a file into a new one, and syncs it.
    func copy(_ from: String, to: String) throws(FileError) {
        let source = try open(from, .read)
        defer { source.close() }
        let target = try open(to, .create)
        defer { target.close() }
        var offset = 0
        while true {
            let bytes = try source.read(at: offset, count: Self.copyStretchBytes)
            guard !bytes.isEmpty else { break }
            try target.write(bytes, at: offset)
            offset += bytes.count
        }
        try target.sync()
    }

    /// Removes the directory of a database that nobody has open, the manifest first: what an interruption leaves is no
    /// database.
    ///
    /// A directory that is not there is no error. What it holds besides files stays, and is an error.
    func removeDatabase(_ path: String) throws(FileError) {
        guard try kind(of: path) != nil else { return }
        let names = try list(path)
        if names.contains(ManifestFormat.fileName) {
            try remove(path + "/" + ManifestFormat.fileName)
            try syncDirectory(path)
        }
        for name in names where name != ManifestFormat.fileName { try remove(path + "/" + name) }
        try remove(path)
    }
}
