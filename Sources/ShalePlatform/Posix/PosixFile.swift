/// One file of a POSIX file system: positional reads and writes, so threads need no shared cursor.
///
/// A short read or write is continued. After `close` every call throws.

internal import ShaleBytes

#if canImport(Glibc)
internal import Glibc
#elseif canImport(Darwin)
internal import Darwin
#endif
internal import Synchronization

/// An open file of the operating system.
final class PosixFile: MappableFile {
    /// Zeros are written in pieces of this size: large enough that the call does not matter, small
    /// enough to stay in the processor's cache.
    private static let zeroPieceBytes = 1 << 20

    /// What direct writes must be multiples of, in the file, in memory and in length.
    private static let pageBytes = 4096

    private let descriptor: Descriptor
    private let path: String
    /// Whether the descriptor goes around the system's cache now.
    private let isDirect = Atomic<Bool>(false)

    init(_ number: Int32, path: String) {
        descriptor = Descriptor(number)
        self.path = path
    }

    func sizeBytes() throws(FileError) -> Int {
        try call("size") { (number) throws(SystemFailure) in
            Int(try SystemCalls.status(of: number).st_size)
        }
    }

    func read(at offset: Int, count: Int) throws(FileError) -> [UInt8] {
        precondition(offset >= 0 && count >= 0, "a read lies in the file's offsets")
        return try call("read") { (number) throws(SystemFailure) in
            // A caller may ask for "the rest": memory is taken for what can be there.
            let size =
                count <= Self.zeroPieceBytes
                ? count
                : min(count, max(0, Int(try SystemCalls.status(of: number).st_size) - offset))
            return try Self.read(number, at: offset, count: size)
        }
    }

    private static func read(
        _ number: Int32,
        at offset: Int,
        count: Int
    ) throws(SystemFailure) -> [UInt8] {
        var failure: SystemFailure?
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: count) { target, filled in
            do throws(SystemFailure) {
                while filled < count {
                    // Safety: the rest of the target is valid memory of `count - filled` bytes.
                    let got = try unsafe SystemCalls.read(
                        number,
                        into: UnsafeMutableRawBufferPointer(
                            rebasing: UnsafeMutableRawBufferPointer(target)[filled..<count]
                        ),
                        at: offset + filled
                    )
                    if got == 0 { return }
                    filled += got
                }
            } catch {
                failure = error
            }
        }
        if let failure { throw failure }
        return bytes
    }

    func read(at offset: Int, into target: inout OutputRawSpan) throws(FileError) {
        precondition(offset >= 0, "a read lies in the file's offsets")
        try call("read") { (number) throws(SystemFailure) in
            unsafe try target.withUnsafeMutableBytes { (room, filled) throws(SystemFailure) in
                while filled < room.count {
                    // Safety: the rest of the room is valid memory.
                    let got = try unsafe SystemCalls.read(
                        number,
                        into: UnsafeMutableRawBufferPointer(rebasing: room[filled...]),
                        at: offset + filled
                    )
                    if got == 0 { return }
                    filled += got
                }
            }
        }
    }

    func expectScatteredReads() {
        let _: ()? = try? call("expectScatteredReads") { (number) throws(SystemFailure) in
            SystemCalls.expectScatteredReads(number)
        }
    }

    func beginReading(from offset: Int, count: Int) {
        let _: ()? = try? call("beginReading") { (number) throws(SystemFailure) in
            SystemCalls.beginReading(number, from: offset, count: count)
        }
    }

    func expectOneStream() {
        let result: ()? = try? call("expectOneStream") { (number) throws(SystemFailure) in
            try SystemCalls.setDirect(number, true)
        }
        // A file system that has no direct writes takes the others.
        if result != nil { isDirect.store(true, ordering: .relaxed) }
    }

    /// Back to writes through the system's cache, for one that direct writes cannot be.
    private func leaveDirect(_ number: Int32) throws(SystemFailure) {
        guard isDirect.exchange(false, ordering: .relaxed) else { return }
        try SystemCalls.setDirect(number, false)
    }

    func write(_ bytes: RawSpan, at offset: Int) throws(FileError) {
        precondition(offset >= 0, "a write lies in the file's offsets")
        try call("write") { (number) throws(SystemFailure) in
            // Safety: the span outlives the call.
            try unsafe bytes.withUnsafeBytes { (source) throws(SystemFailure) in
                let address = Int(bitPattern: source.baseAddress)
                if isDirect.load(ordering: .relaxed),
                    (address | offset | source.count) % Self.pageBytes != 0
                {
                    try leaveDirect(number)
                }
                try unsafe Self.write(number, source, at: offset)
            }
        }
    }

    private static func write(
        _ number: Int32,
        _ source: UnsafeRawBufferPointer,
        at offset: Int
    ) throws(SystemFailure) {
        var done = 0
        while done < source.count {
            // Safety: the slice lies inside the source.
            let written = try unsafe SystemCalls.write(
                number,
                UnsafeRawBufferPointer(rebasing: source[done...]),
                at: offset + done
            )
            // A device that takes nothing and reports nothing would hold us here for ever.
            if written == 0 { throw SystemFailure(number: EIO) }
            done += written
        }
    }

    func zeroFill(from offset: Int, to sizeBytes: Int) throws(FileError) {
        precondition(0 <= offset && offset <= sizeBytes, "the zeros end where the file ends")
        try call("zeroFill") { (number) throws(SystemFailure) in
            if Int(try SystemCalls.status(of: number).st_size) > sizeBytes {
                try SystemCalls.setSize(number, sizeBytes)
            }
            guard offset < sizeBytes else { return try SystemCalls.setSize(number, sizeBytes) }
            try SystemCalls.reserve(number, from: offset, count: sizeBytes - offset)
            // Reserved blocks are marked as never written, and the first write to one would change
            // metadata; so the zeros are really written.
            let zeros = [UInt8](
                repeating: 0,
                count: min(Self.zeroPieceBytes, sizeBytes - offset)
            )
            var position = offset
            while position < sizeBytes {
                let count = min(zeros.count, sizeBytes - position)
                // Safety: the slice lies inside the array, which outlives the call.
                try unsafe zeros.span.bytes.withUnsafeBytes { (source) throws(SystemFailure) in
                    try unsafe Self.write(
                        number,
                        UnsafeRawBufferPointer(rebasing: source[..<count]),
                        at: position
                    )
                }
                position += count
            }
        }
    }

    func truncate(to sizeBytes: Int) throws(FileError) {
        precondition(sizeBytes >= 0, "a size is not negative")
        try call("truncate") { (number) throws(SystemFailure) in
            try SystemCalls.setSize(number, sizeBytes)
        }
    }

    func sync() throws(FileError) {
        try call("sync") { (number) throws(SystemFailure) in try SystemCalls.syncBytes(number) }
    }

    func beginSync(from offset: Int, count: Int) {
        // What fails here fails again in the sync that counts.
        let _: ()? = try? call("beginSync") { (number) throws(SystemFailure) in
            SystemCalls.beginWriting(number, from: offset, count: count)
        }
    }

    func map(_ count: Int) -> FileMapping? {
        // A mapping behind the end of the file would kill the process at the first touch.
        guard count > 0, let size = try? sizeBytes(), size >= count else { return nil }
        let made = try? call("map") { (number) throws(SystemFailure) in
            unsafe Mapped(try SystemCalls.mapFile(number, count: count))
        }
        guard let made, let bytes = unsafe WritableBytes(unsafe: made.buffer) else { return nil }
        return FileMapping(bytes) { range in
            // Safety: the range lies in the mapping, which is there as long as this closure is called.
            unsafe SystemCalls.letGo(UnsafeMutableRawBufferPointer(rebasing: made.buffer[range]))
        } end: {
            unsafe SystemCalls.unmapFile(made.buffer)
        }
    }

    /// What the system mapped.
    // Sendable: an address range, which only `FileMapping` ends.
    @safe
    private struct Mapped: @unchecked Sendable {
        let buffer: UnsafeMutableRawBufferPointer

        init(_ buffer: UnsafeMutableRawBufferPointer) { unsafe self.buffer = buffer }
    }

    func close() { descriptor.close() }

    @inline(__always)
    private func call<Answer>(
        _ operation: String,
        _ body: (Int32) throws(SystemFailure) -> Answer
    ) throws(FileError) -> Answer {
        let answer: Answer?
        do throws(SystemFailure) {
            answer = try descriptor.use(body)
        } catch {
            throw error.during(operation, path)
        }
        guard let answer else { throw FileError(.fileIsClosed, operation, path) }
        return answer
    }
}
