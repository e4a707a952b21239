internal import ShaleBytes

/// Files as the engine sees them: a small protocol, so that the whole engine runs on a POSIX
/// directory, in memory, or on the simulated disk.
///
/// Paths are UTF-8 strings with `/` between components; a relative path is relative to the
/// process's working directory (POSIX) or to the root (memory, simulation). All calls block; the
/// engine makes them only from work that the `Scheduler` runs, or for a caller that chose to block.
///
/// Durability, as POSIX gives it: bytes are durable after `File.sync`, names after
/// `syncDirectory` of the directory that holds them.
public protocol FileSystem: Sendable {
    /// Opens a file. `.create` fails with `.alreadyExists` if the name is taken.
    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any File
    /// Makes one directory; one that exists already is no error.
    func createDirectory(_ path: String) throws(FileError)
    /// What `path` names, or nil.
    func kind(of path: String) throws(FileError) -> FileKind?
    /// The names in a directory, without `.` and `..`, in ascending order of their bytes.
    func list(_ directory: String) throws(FileError) -> [String]
    /// Replaces `to` atomically if it exists.
    func rename(_ from: String, to: String) throws(FileError)
    /// A second name for the same file. `.notSupported` where the file system has none: then copy.
    func link(_ from: String, to: String) throws(FileError)
    /// Removes a file or an empty directory.
    func remove(_ path: String) throws(FileError)
    /// Makes the names in a directory durable.
    func syncDirectory(_ path: String) throws(FileError)
    /// Bytes that can still be written by this process.
    func freeSpaceBytes(_ directory: String) throws(FileError) -> Int
    /// Takes the exclusive lock of `path` (created if absent) for as long as the answer lives.
    /// Throws `.locked` when another process, or another opening in this one, holds it.
    func lock(_ path: String) throws(FileError) -> any FileLock
}

/// How a file is opened.
public enum OpenMode: Sendable, Equatable {
    /// Reading only; it must exist.
    case read
    /// Reading and writing; it must exist.
    case readWrite
    /// A new, empty file for reading and writing; it must not exist.
    case create
}

/// What a path names.
public enum FileKind: Sendable, Equatable {
    case file, directory, other
}

/// A held lock.
///
/// Released by `release`, or at the latest when the last reference is gone.
public protocol FileLock: AnyObject, Sendable {
    /// Gives the lock back; a second call does nothing.
    func release()
}

/// One open file.
///
/// Offsets and counts are bytes. Calls may come from several threads at once.
public protocol File: AnyObject, Sendable {
    /// The current length.
    func sizeBytes() throws(FileError) -> Int
    /// Reads `count` bytes at `offset`; fewer only where the file ends.
    func read(at offset: Int, count: Int) throws(FileError) -> [UInt8]
    /// Reads as many bytes at `offset` as `target` has room for; fewer only where the file ends.
    func read(at offset: Int, into target: inout OutputRawSpan) throws(FileError)
    /// Says that this new file is written once, from its beginning to its end.
    ///
    /// A system that can then takes writes of whole pages from memory at a page's boundary around its
    /// cache, to which they are of no use. All other writes go as before.
    func expectOneStream()
    /// Says that this file is read in small pieces here and there: a system that reads ahead need not.
    func expectScatteredReads()
    /// Says that these bytes will be read soon: a system that can begins with it. Promises nothing.
    func beginReading(from offset: Int, count: Int)
    /// Writes all of `bytes` at `offset`, growing the file where needed.
    func write(_ bytes: RawSpan, at offset: Int) throws(FileError)
    /// Makes the file `sizeBytes` long with its blocks allocated and written with zeros from
    /// `offset` on, so that a later write there changes no metadata.
    func zeroFill(from offset: Int, to sizeBytes: Int) throws(FileError)
    /// Cuts or extends the file (what is added reads as zeros).
    func truncate(to sizeBytes: Int) throws(FileError)
    /// Makes all bytes written so far durable (fdatasync; F_FULLFSYNC on macOS). After an error
    /// the state of unsynced bytes is unknown for ever: the caller must not retry.
    func sync() throws(FileError)
    /// Says that these bytes are complete: a system that can begins to make them durable, so that the next
    /// `sync` finds less to do. Promises nothing.
    func beginSync(from offset: Int, count: Int)
    /// Closes the file; a second call does nothing. Dropping the last reference closes as well.
    func close()
}

extension File {
    /// Reads by way of an array.
    public func read(at offset: Int, into target: inout OutputRawSpan) throws(FileError) {
        target.append(bytes: try read(at: offset, count: target.freeCapacity))
    }

    /// The next `sync` does all of it.
    public func beginSync(from offset: Int, count: Int) {}

    /// Nothing is read ahead.
    public func expectScatteredReads() {}

    /// They are read when they are asked for.
    public func beginReading(from offset: Int, count: Int) {}

    /// There is no cache to go around.
    public func expectOneStream() {}

    /// Writes an array.
    public func write(_ bytes: [UInt8], at offset: Int) throws(FileError) {
        // Safety: every bit pattern of a byte is a byte.
        try unsafe write(bytes.span.bytes, at: offset)
    }
}
