#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

// Removing what a program has left behind. It may have tried to make that hard: links are removed and not followed,
// and directories that are nested deeper than descriptors reach are moved up first.

extension ProgramFiles {
    /// Removes a file, or a directory with everything in it; nobody may write to it any more.
    ///
    /// What is not there is no error.
    ///
    /// - Throws: What the system refuses.
    package static func removeTree(_ path: String) throws(FileError) {
        // Safety: strings are passed as terminated copies that outlive the call; so below.
        let top = unsafe open(path, TreeRemoval.flags)
        if top < 0 {
            guard errno != ENOENT else { return }
            guard unsafe unlink(path) == 0 else { throw failure("remove", path) }
            return
        }
        defer { SystemCalls.closeFile(top) }
        var removal = TreeRemoval(path: path, top: top)
        repeat {
            removal.mustRepeat = false
            try removal.empty(top, level: 1)
        } while removal.mustRepeat
        guard unsafe rmdir(path) == 0 else { throw failure("remove", path) }
    }
}

/// A removal that is under way.
private struct TreeRemoval {
    /// Directories that are open at the same time.
    private static let depth = 32
    static let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC

    let path: String
    /// The directory that is removed; open.
    let top: Int32
    /// Whether something was moved to the top.
    var mustRepeat = false
    private var moves = 0

    init(path: String, top: Int32) {
        self.path = path
        self.top = top
    }

    mutating func empty(_ directory: Int32, level: Int) throws(FileError) {
        let names: [String]
        do throws(SystemFailure) {
            names = try SystemCalls.names(in: "/dev/fd/\(directory)")
        } catch {
            throw error.during("list", path)
        }
        for name in names {
            if unsafe unlinkat(directory, name, 0) == 0 { continue }
            guard errno == EISDIR || errno == EPERM || errno == EACCES else {
                throw failure("remove", name)
            }
            if level < Self.depth {
                try remove(name, in: directory, level)
            } else {
                try moveUp(name, from: directory)
            }
        }
    }

    private mutating func remove(
        _ name: String,
        in parent: Int32,
        _ level: Int
    ) throws(FileError) {
        // One that its owner may not read is still its owner's to open up.
        _ = unsafe fchmodat(parent, name, 0o700, 0)
        let child = unsafe openat(parent, name, Self.flags)
        guard child >= 0 else { throw failure("open", name) }
        defer { SystemCalls.closeFile(child) }
        try empty(child, level: level + 1)
        guard unsafe unlinkat(parent, name, AT_REMOVEDIR) == 0 else {
            throw failure("remove", name)
        }
    }

    /// To a name that nothing has, so that the next round finds it at the top.
    private mutating func moveUp(_ name: String, from directory: Int32) throws(FileError) {
        _ = unsafe fchmodat(directory, name, 0o700, 0)
        repeat {
            moves += 1
            if unsafe renameat(directory, name, top, "moved-\(moves)") == 0 {
                mustRepeat = true
                return
            }
        } while errno == ENOTEMPTY || errno == EEXIST || errno == ENOTDIR
        throw failure("move", name)
    }

    private func failure(_ operation: String, _ name: String) -> FileError {
        ProgramFiles.failure(operation, "\(path): \(name)")
    }
}
