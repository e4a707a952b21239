/// Files that other programs are to read, run and leave behind: with owners and permissions, which the files of
/// a database have no need of.

internal import CShaleShims

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// Makes, asks and removes such files.
///
/// All calls block.
package enum ProgramFiles {
    /// Makes a directory.
    ///
    /// - Parameters:
    ///   - path: What may not be there.
    ///   - mode: Its permissions.
    ///   - owner: Whose it is; 0 is the caller's.
    /// - Throws: `.alreadyExists` and what else the system refuses.
    package static func makeDirectory(
        _ path: String,
        mode: UInt32,
        owner: UInt32 = 0
    ) throws(FileError) {
        // Safety: strings are passed as terminated copies that outlive the call; so below.
        guard unsafe mkdir(path, mode_t(mode)) == 0 else { throw failure("create", path) }
        try setMode(path, mode)
        guard owner != 0 else { return }
        guard unsafe chown(path, owner, owner) == 0 else { throw failure("give away", path) }
    }

    /// Sets permissions, whatever the caller's mask is.
    package static func setMode(_ path: String, _ mode: UInt32) throws(FileError) {
        guard unsafe chmod(path, mode_t(mode)) == 0 else { throw failure("set the mode", path) }
    }

    /// Writes a new file.
    package static func write(_ bytes: [UInt8], _ path: String, mode: UInt32) throws(FileError) {
        let flags = O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC
        let file = unsafe open(path, flags, mode_t(mode))
        guard file >= 0 else { throw failure("create", path) }
        defer { SystemCalls.closeFile(file) }
        guard fchmod(file, mode_t(mode)) == 0 else { throw failure("set the mode", path) }
        var written = 0
        while written < bytes.count {
            let count = unsafe bytes.withUnsafeBytes { source in
                // Safety: what is left of the bytes lies within them.
                let rest = unsafe UnsafeRawBufferPointer(rebasing: source[written...])
                return unsafe pwrite(file, rest.baseAddress, rest.count, off_t(written))
            }
            guard count >= 0 || errno == EINTR else { throw failure("write", path) }
            written += max(0, count)
        }
    }

    /// The path without links; nil where there is nothing.
    package static func realPath(_ path: String) -> String? {
        guard let answer = unsafe realpath(path, nil) else { return nil }
        defer { unsafe free(answer) }
        // Safety: the system has ended it with a null.
        return unsafe String(cString: answer)
    }

    /// Its owner and its permissions, of a link itself; nil where there is nothing.
    package static func status(_ path: String) -> (owner: UInt32, mode: UInt32)? {
        var answer = stat()
        guard unsafe lstat(path, &answer) == 0 else { return nil }
        return (answer.st_uid, UInt32(answer.st_mode))
    }

    /// The names in a directory, without `.` and `..`; empty where there is none.
    package static func names(in directory: String) -> [String] {
        (try? SystemCalls.names(in: directory)) ?? []
    }

    /// The first bytes of a file; empty where it cannot be read.
    package static func beginning(_ path: String, _ count: Int) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { SystemCalls.closeFile(file) }
        return ChildProcess.read(file, limit: count)
    }

    /// All bytes of a file whose size is not known before, as those of the system; empty where it cannot be read.
    package static func contents(_ path: String) -> [UInt8] {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { return [] }
        defer { SystemCalls.closeFile(file) }
        var bytes: [UInt8] = []
        while true {
            let piece = ChildProcess.read(file, limit: 65_536)
            if piece.isEmpty { return bytes }
            bytes += piece
        }
    }

    /// Whether somebody who owns nothing of it can read and run a file, by the permissions of everything above it.
    package static func isOpenToAll(_ realPath: String) -> Bool {
        var above = ""
        for part in realPath.split(separator: "/").dropLast() {
            above += "/" + part
            guard let status = status(above), status.mode & 0o001 != 0 else { return false }
        }
        return status(realPath).map { $0.mode & 0o005 == 0o005 } ?? false
    }

    /// Makes everything that was written to a path's file system durable.
    package static func syncAll(_ path: String) throws(FileError) {
        let file = unsafe open(path, O_RDONLY | O_CLOEXEC)
        guard file >= 0 else { throw failure("open", path) }
        defer { SystemCalls.closeFile(file) }
        guard shale_sync_file_system(file) == 0 else { throw failure("sync", path) }
    }

    static func failure(_ operation: String, _ path: String) -> FileError {
        SystemFailure(number: errno).during(operation, path)
    }
}
