#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

// Removing what a program has left behind. It may have tried to make that hard: links are removed and not followed,
// and directories that are nested deeper than descriptors reach are moved up first.

extension ProgramFiles {
    /// Directories that are open at the same time.
    private static let depth = 32

    /// Removes a file, or a directory with everything in it; nobody may write to it any more.
    ///
    /// What is not there is no error.
    ///
    /// - Throws: What the system refuses.
    package static func removeTree(_ path: String) throws(FileError) {
        // Safety: strings are passed as terminated copies that outlive the call; so below.
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        let top = unsafe open(path, flags)
        if top < 0 {
            guard errno != ENOENT else { return }
            guard unsafe unlink(path) == 0 else { throw failure("remove", path) }
            return
        }
        defer { SystemCalls.closeFile(top) }
        var moved = 0
        repeat {
            moved = 0
            try empty(path, top, top, 1, &moved)
        } while moved > 0
        guard unsafe rmdir(path) == 0 else { throw failure("remove", path) }
    }

    private static func empty(
        _ path: String,
        _ top: Int32,
        _ directory: Int32,
        _ level: Int,
        _ moved: inout Int
    ) throws(FileError) {
        let names: [String]
        do throws(SystemFailure) {
            names = try SystemCalls.names(in: "/dev/fd/\(directory)")
        } catch {
            throw error.during("list", path)
        }
        for name in names {
            if unsafe unlinkat(directory, name, 0) == 0 { continue }
            guard errno == EISDIR || errno == EPERM || errno == EACCES else {
                throw failure("remove", "\(path): \(name)")
            }
            if level >= depth {
                // To a name that nothing has, so that the next round finds it at the top.
                let free = "moved-\(name.utf8.count)-\(moved)-\(directory)-\(level)"
                guard unsafe renameat(directory, name, top, free) == 0 else {
                    throw failure("move", "\(path): \(name)")
                }
                moved += 1
                continue
            }
            try emptyAndRemove(path, top, directory, name, level, &moved)
        }
    }

    private static func emptyAndRemove(
        _ path: String,
        _ top: Int32,
        _ parent: Int32,
        _ name: String,
        _ level: Int,
        _ moved: inout Int
    ) throws(FileError) {
        // One that its owner may not read is still its owner's to open up.
        let flags = O_RDONLY | O_DIRECTORY | O_NOFOLLOW | O_CLOEXEC
        _ = unsafe fchmodat(parent, name, 0o700, 0)
        let child = unsafe openat(parent, name, flags)
        guard child >= 0 else { throw failure("open", "\(path): \(name)") }
        defer { SystemCalls.closeFile(child) }
        try empty(path, top, child, level + 1, &moved)
        guard unsafe unlinkat(parent, name, AT_REMOVEDIR) == 0 else {
            throw failure("remove", "\(path): \(name)")
        }
    }
}
