import ShaleBytes
import ShalePlatform

/// What was written to files of the log, and how often that was synced.
struct LogTraffic: Sendable {
    var writtenBytes = 0
    /// Syncs of files that had been written to; filling a segment with zeros is no write.
    var syncs = 0
}

/// A file system that counts what goes to the log.
final class CountingFiles: FileSystem {
    private let inner: any FileSystem
    let traffic = Guarded(LogTraffic())

    init(_ inner: any FileSystem) { self.inner = inner }

    var counted: LogTraffic { traffic.withLock { $0 } }

    func open(_ path: String, _ mode: OpenMode) throws(FileError) -> any File {
        let file = try inner.open(path, mode)
        return path.hasSuffix(".log") ? CountingFile(file, traffic) : file
    }

    func createDirectory(_ path: String) throws(FileError) { try inner.createDirectory(path) }
    func kind(of path: String) throws(FileError) -> FileKind? { try inner.kind(of: path) }
    func list(_ directory: String) throws(FileError) -> [String] { try inner.list(directory) }
    func rename(_ from: String, to: String) throws(FileError) { try inner.rename(from, to: to) }
    func link(_ from: String, to: String) throws(FileError) { try inner.link(from, to: to) }
    func remove(_ path: String) throws(FileError) { try inner.remove(path) }
    func syncDirectory(_ path: String) throws(FileError) { try inner.syncDirectory(path) }
    func freeSpaceBytes(_ directory: String) throws(FileError) -> Int {
        try inner.freeSpaceBytes(directory)
    }
    func lock(_ path: String) throws(FileError) -> any FileLock { try inner.lock(path) }
}

/// A file of the log.
private final class CountingFile: File {
    private let inner: any File
    private let traffic: Guarded<LogTraffic>
    private let isWritten = Guarded(false)

    init(_ inner: any File, _ traffic: Guarded<LogTraffic>) {
        self.inner = inner
        self.traffic = traffic
    }

    func sizeBytes() throws(FileError) -> Int { try inner.sizeBytes() }
    func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        try inner.read(at: offset, count: count)
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        isWritten.withLock { $0 = true }
        let count = bytes.byteCount
        traffic.withLock { $0.writtenBytes += count }
        try inner.write(bytes, at: offset)
    }

    func zeroFill(from offset: Int, to sizeBytes: Int) throws(FileError) {
        try inner.zeroFill(from: offset, to: sizeBytes)
    }

    func truncate(to sizeBytes: Int) throws(FileError) { try inner.truncate(to: sizeBytes) }

    func sync() throws(FileError) {
        let isCounted = isWritten.withLock { isWritten in
            defer { isWritten = false }
            return isWritten
        }
        if isCounted { traffic.withLock { $0.syncs += 1 } }
        try inner.sync()
    }

    func close() { inner.close() }
}
