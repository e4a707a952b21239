/// The bytes of a file in memory, its lock, and an opening of it.

internal import Synchronization

/// How much all files of one file system hold, and may hold.
final class MemorySpace: Sendable {
    private let capacityBytes: Int
    private let usedBytes = Atomic<Int>(0)

    init(capacityBytes: Int) {
        precondition(capacityBytes >= 0, "a capacity is not negative")
        self.capacityBytes = capacityBytes
    }

    var freeBytes: Int { capacityBytes - usedBytes.load(ordering: .relaxed) }

    func take(_ bytes: Int) throws(FileComplaint) {
        let used = usedBytes.add(bytes, ordering: .relaxed).newValue
        if used > capacityBytes {
            giveBack(bytes)
            throw .noSpace
        }
    }

    func giveBack(_ bytes: Int) { usedBytes.subtract(bytes, ordering: .relaxed) }
}

/// A file, whatever its names.
final class MemoryContent: Sendable {
    private let space: MemorySpace
    private let bytes = Mutex<[UInt8]>([])
    fileprivate let isLocked = Atomic<Bool>(false)

    init(_ space: MemorySpace) { self.space = space }

    deinit { space.giveBack(count) }

    var count: Int { bytes.withLock { $0.count } }

    func read(at offset: Int, count: Int) -> [UInt8] {
        bytes.withLock { bytes in
            let start = min(offset, bytes.count)
            let end = min(start + min(count, bytes.count), bytes.count)
            return Array(bytes[start..<end])
        }
    }

    func write(_ source: UnsafeRawBufferPointer, at offset: Int) throws(FileComplaint) {
        let count = source.count
        // Writing nothing changes nothing, not even the size.
        guard count > 0 else { return }
        try bytes.withLock { (bytes) throws(FileComplaint) in
            if offset == bytes.count {
                try space.take(count)
                // Safety: the source is valid during the call.
                unsafe bytes.append(contentsOf: source)
                return
            }
            if offset + count > bytes.count { try resize(&bytes, to: offset + count) }
            // Safety: the range lies inside the array, and source and target do not overlap.
            unsafe bytes.withUnsafeMutableBytes { target in
                unsafe UnsafeMutableRawBufferPointer(rebasing: target[offset...])
                    .copyMemory(from: source)
            }
        }
    }

    /// Keeps what lies before `offset`, and zeros from there to `size`.
    func zeroFill(from offset: Int, to size: Int) throws(FileComplaint) {
        try bytes.withLock { (bytes) throws(FileComplaint) in
            let kept = min(offset, bytes.count, size)
            try resize(&bytes, to: size)
            // Safety: the range lies inside the array, and bytes need no initialization of their own.
            unsafe bytes.withUnsafeMutableBytes { target in
                unsafe _ = UnsafeMutableRawBufferPointer(rebasing: target[kept...])
                    .initializeMemory(as: UInt8.self, repeating: 0)
            }
        }
    }

    func resize(to size: Int) throws(FileComplaint) {
        try bytes.withLock { (bytes) throws(FileComplaint) in try resize(&bytes, to: size) }
    }

    private func resize(_ bytes: inout [UInt8], to size: Int) throws(FileComplaint) {
        if size > bytes.count {
            try space.take(size - bytes.count)
            // An array of zeros, because appending a repetition goes byte by byte in debug builds.
            bytes += [UInt8](repeating: 0, count: size - bytes.count)
        } else {
            space.giveBack(bytes.count - size)
            bytes.removeLast(bytes.count - size)
        }
    }
}

/// The lock of a file in memory.
final class MemoryLock: FileLock {
    private let content: MemoryContent
    private let isHeld = Atomic<Bool>(true)

    /// Takes the lock, or nil when it is held.
    init?(_ content: MemoryContent) {
        self.content = content
        let (taken, _) = content.isLocked.compareExchange(
            expected: false,
            desired: true,
            ordering: .acquiringAndReleasing
        )
        guard taken else {
            isHeld.store(false, ordering: .relaxed)
            return nil
        }
    }

    func release() {
        let wasHeld = isHeld.exchange(false, ordering: .acquiringAndReleasing)
        if wasHeld { content.isLocked.store(false, ordering: .releasing) }
    }

    deinit { release() }
}

/// An opening of a file in memory.
final class MemoryFile: File {
    private let content: MemoryContent
    private let path: String
    private let mayWrite: Bool
    private let isClosed = Atomic<Bool>(false)

    init(_ content: MemoryContent, path: String, mayWrite: Bool) {
        self.content = content
        self.path = path
        self.mayWrite = mayWrite
    }

    func sizeBytes() throws(FileError) -> Int {
        try call("size") { () throws(FileComplaint) in content.count }
    }

    func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        precondition(offset >= 0 && count >= 0, "a read lies in the file's offsets")
        return try call("read") { () throws(FileComplaint) in
            content.read(at: offset, count: count)
        }
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        precondition(offset >= 0, "a write lies in the file's offsets")
        try change("write") { () throws(FileComplaint) in
            // Safety: the span outlives the call.
            try unsafe bytes.withUnsafeBytes { (source) throws(FileComplaint) in
                try unsafe content.write(source, at: offset)
            }
        }
    }

    func zeroFill(from offset: Int, to sizeBytes: Int) throws(FileError) {
        precondition(0 <= offset && offset <= sizeBytes, "the zeros end where the file ends")
        try change("zeroFill") { () throws(FileComplaint) in
            try content.zeroFill(from: offset, to: sizeBytes)
        }
    }

    func truncate(to sizeBytes: Int) throws(FileError) {
        precondition(sizeBytes >= 0, "a size is not negative")
        try change("truncate") { () throws(FileComplaint) in try content.resize(to: sizeBytes) }
    }

    func sync() throws(FileError) { try call("sync") { () throws(FileComplaint) in } }

    func close() { isClosed.store(true, ordering: .releasing) }

    private func change(
        _ operation: String,
        _ body: () throws(FileComplaint) -> Void
    ) throws(FileError) {
        try call(operation) { () throws(FileComplaint) in
            if !mayWrite { throw .readOnly }
            try body()
        }
    }

    private func call<Answer>(
        _ operation: String,
        _ body: () throws(FileComplaint) -> Answer
    ) throws(FileError) -> Answer {
        do throws(FileComplaint) {
            if isClosed.load(ordering: .acquiring) { throw .fileIsClosed }
            return try body()
        } catch {
            throw FileError(error, operation, path)
        }
    }
}
