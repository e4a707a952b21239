/// Every system call on a file, once, with what each platform wants of it.
///
/// A call that a signal interrupted is made again. The one exception is syncing: the interrupted
/// call may already have taken note of a failed write, and the next would report success.

internal import CShaleShims

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif

/// The system calls that files need.
enum SystemCalls {
    /// The answer of a call that is not negative, or the failure it left behind.
    private static func retrying<Number: SignedInteger>(
        _ call: () -> Number
    ) throws(SystemFailure) -> Number {
        while true {
            let answer = call()
            if answer >= 0 { return answer }
            let number = errno
            if number != EINTR { throw SystemFailure(number: number) }
        }
    }

    // MARK: Opening

    static func openFile(_ path: String, _ flags: Int32) throws(SystemFailure) -> Int32 {
        // Safety: the string is passed as a terminated copy that outlives the call.
        try retrying { unsafe open(path, flags | O_CLOEXEC, 0o644) }
    }

    /// Closes a descriptor.
    ///
    /// It is gone even when the call reports an error: never a second try.
    static func closeFile(_ descriptor: Int32) { _ = close(descriptor) }

    static func status(ofPath path: String) throws(SystemFailure) -> stat {
        var answer = stat()
        // Safety: the answer is a whole `stat` that outlives the call.
        _ = try retrying { unsafe stat(path, &answer) }
        return answer
    }

    static func status(of descriptor: Int32) throws(SystemFailure) -> stat {
        var answer = stat()
        // Safety: the answer is a whole `stat` that outlives the call.
        _ = try retrying { unsafe fstat(descriptor, &answer) }
        return answer
    }

    // MARK: Bytes

    static func read(
        _ descriptor: Int32,
        into target: UnsafeMutableRawBufferPointer,
        at offset: Int
    ) throws(SystemFailure) -> Int {
        // Safety: the target is valid for its count.
        try retrying {
            unsafe pread(descriptor, target.baseAddress, target.count, off_t(offset))
        }
    }

    static func write(
        _ descriptor: Int32,
        _ source: UnsafeRawBufferPointer,
        at offset: Int
    ) throws(SystemFailure) -> Int {
        // Safety: the source is valid for its count.
        try retrying {
            unsafe pwrite(descriptor, source.baseAddress, source.count, off_t(offset))
        }
    }

    /// Whether reads and writes go around the system's cache.
    static func setDirect(_ descriptor: Int32, _ isDirect: Bool) throws(SystemFailure) {
        #if canImport(Glibc)
        let flags = try retrying { fcntl(descriptor, F_GETFL) }
        let wanted = isDirect ? flags | shale_direct_flag() : flags & ~shale_direct_flag()
        _ = try retrying { fcntl(descriptor, F_SETFL, wanted) }
        #else
        _ = try retrying { fcntl(descriptor, F_NOCACHE, isDirect ? 1 : 0) }
        #endif
    }

    static func setSize(_ descriptor: Int32, _ sizeBytes: Int) throws(SystemFailure) {
        _ = try retrying { ftruncate(descriptor, off_t(sizeBytes)) }
    }

    /// Reserves blocks, so that a full disk shows before anything is written.
    ///
    /// Where the file system cannot, this does nothing: writing the zeros reserves as well.
    static func reserve(
        _ descriptor: Int32,
        from offset: Int,
        count: Int
    ) throws(SystemFailure) {
        #if canImport(Glibc)
        while true {
            let number = posix_fallocate(descriptor, off_t(offset), off_t(count))
            switch number {
            case 0, EOPNOTSUPP, EINVAL: return
            case EINTR: continue
            default: throw SystemFailure(number: number)
            }
        }
        #endif
    }

    /// Makes written bytes and the size durable.
    static func syncBytes(_ descriptor: Int32) throws(SystemFailure) {
        #if canImport(Darwin)
        // fsync there only hands the bytes to the drive's own cache.
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        guard errno == ENOTSUP || errno == EINVAL else { throw SystemFailure(number: errno) }
        guard fsync(descriptor) == 0 else { throw SystemFailure(number: errno) }
        #else
        guard fdatasync(descriptor) == 0 else { throw SystemFailure(number: errno) }
        #endif
    }

    /// Begins to write bytes to the device, where the system has a call for that.
    static func beginWriting(_ descriptor: Int32, from offset: Int, count: Int) {
        shale_begin_writing(descriptor, Int64(offset), Int64(count))
    }

    /// Says that a file is read here and there.
    static func expectScatteredReads(_ descriptor: Int32) {
        shale_expect_scattered_reads(descriptor)
    }

    /// Begins to read bytes ahead.
    static func beginReading(_ descriptor: Int32, from offset: Int, count: Int) {
        shale_begin_reading(descriptor, Int64(offset), Int64(count))
    }

    /// Makes the names in an open directory durable.
    static func syncNames(_ descriptor: Int32) throws(SystemFailure) {
        #if canImport(Darwin)
        if fcntl(descriptor, F_FULLFSYNC) == 0 { return }
        #endif
        guard fsync(descriptor) == 0 else { throw SystemFailure(number: errno) }
    }

    /// Maps the first `count` bytes of a file for reading and writing, shared with everybody else.
    static func mapFile(
        _ descriptor: Int32,
        count: Int
    ) throws(SystemFailure) -> UnsafeMutableRawBufferPointer {
        // Safety: the system chooses the place.
        let memory = unsafe mmap(nil, count, PROT_READ | PROT_WRITE, MAP_SHARED, descriptor, 0)
        guard let memory = unsafe memory, unsafe memory != MAP_FAILED else {
            throw SystemFailure(number: errno)
        }
        return unsafe UnsafeMutableRawBufferPointer(start: memory, count: count)
    }

    /// Takes pages out of a shared mapping; the next touch brings them back.
    static func letGo(_ pages: UnsafeMutableRawBufferPointer) {
        #if canImport(Glibc)
        // Safety: the pages lie in a shared mapping of a file, whose bytes are the file's.
        unsafe _ = madvise(pages.baseAddress, pages.count, Int32(MADV_DONTNEED))
        #endif
    }

    /// Undoes a mapping.
    static func unmapFile(_ mapping: UnsafeMutableRawBufferPointer) {
        // Safety: the buffer is what `mapFile` gave, and nobody uses it any more.
        unsafe _ = munmap(mapping.baseAddress, mapping.count)
    }

    // MARK: Names

    static func makeDirectory(_ path: String) throws(SystemFailure) {
        // Safety: strings are passed as terminated copies that outlive the call; so below.
        _ = try retrying { unsafe mkdir(path, 0o755) }
    }

    static func renameFile(_ from: String, _ to: String) throws(SystemFailure) {
        // Safety: as above.
        _ = try retrying { unsafe rename(from, to) }
    }

    static func linkFile(_ from: String, _ to: String) throws(SystemFailure) {
        // Safety: as above.
        _ = try retrying { unsafe link(from, to) }
    }

    static func removeFile(_ path: String) throws(SystemFailure) {
        // Safety: as above.
        _ = try retrying { unsafe unlink(path) }
    }

    static func removeDirectory(_ path: String) throws(SystemFailure) {
        // Safety: as above.
        _ = try retrying { unsafe rmdir(path) }
    }

    /// The names in a directory, in the order the system gives them, without `.` and `..`.
    static func names(in path: String) throws(SystemFailure) -> [String] {
        // Safety: the stream is open from here to the end of the function, and used by it alone.
        guard let stream = unsafe opendir(path) else { throw SystemFailure(number: errno) }
        defer { unsafe _ = closedir(stream) }
        var names: [String] = []
        while true {
            errno = 0
            guard let entry = unsafe readdir(stream) else {
                guard errno == 0 else { throw SystemFailure(number: errno) }
                return names
            }
            // Safety: the name is terminated inside the entry, which stays until the next call.
            let name = unsafe withUnsafePointer(to: &entry.pointee.d_name) {
                unsafe String(
                    cString: UnsafeRawPointer($0).assumingMemoryBound(to: CChar.self)
                )
            }
            if name != "." && name != ".." { names.append(name) }
        }
    }

    /// Bytes that an unprivileged process can still write to the file system of `path`.
    static func freeSpaceBytes(_ path: String) throws(SystemFailure) -> Int {
        var answer = statvfs()
        // Safety: the answer is a whole `statvfs` that outlives the call.
        _ = try retrying { unsafe statvfs(path, &answer) }
        let (bytes, overflow) = UInt64(answer.f_bavail)
            .multipliedReportingOverflow(by: UInt64(answer.f_frsize))
        return overflow ? .max : Int(clamping: bytes)
    }

    /// Takes the exclusive lock of an open file, or fails at once with the kind `.locked`.
    static func lockFile(_ descriptor: Int32) throws(SystemFailure) {
        _ = try retrying { flock(descriptor, LOCK_EX | LOCK_NB) }
    }

    /// Gives up the lock of an open file, for all copies of its descriptor.
    static func unlockFile(_ descriptor: Int32) throws(SystemFailure) {
        _ = try retrying { flock(descriptor, LOCK_UN) }
    }
}
