internal import CShaleLZ4

/// LZ4 blocks (no frame), by the system's library.
public enum LZ4 {
    /// Bytes that are not an LZ4 block of the stated size.
    public struct Malformed: Error, Sendable, Equatable {}

    /// The compressed bytes, or nil when they would be longer than `limit`.
    public static func compress(_ bytes: RawSpan, limit: Int) -> [UInt8]? {
        guard limit > 0, bytes.byteCount > 0, bytes.byteCount <= Int(LZ4_MAX_INPUT_SIZE) else {
            return nil
        }
        let packed = unsafe [UInt8](unsafeUninitializedCapacity: limit) { target, count in
            // Safety: source and target are valid for the stated counts, and LZ4 writes at most `limit`.
            let written = unsafe bytes.withUnsafeBytes { source in
                unsafe LZ4_compress_default(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    UnsafeMutableRawPointer(target.baseAddress)?.assumingMemoryBound(
                        to: CChar.self
                    ),
                    Int32(source.count),
                    Int32(clamping: limit)
                )
            }
            count = Int(written)
        }
        return packed.isEmpty ? nil : packed
    }

    /// The `size` bytes that `packed` holds.
    public static func decompress(_ packed: RawSpan, size: Int) throws(Malformed) -> [UInt8] {
        try check(packed, size: size)
        var isWhole = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { target, count in
            isWhole = unsafe decompress(packed, into: UnsafeMutableRawBufferPointer(target), size)
            count = isWhole ? size : 0
        }
        guard isWhole else { throw Malformed() }
        return bytes
    }

    /// Appends the compressed bytes to `buffer`, unless they would be longer than `limit`.
    /// - Returns: whether they were appended.
    package static func compress(
        _ bytes: LentBytes,
        limit: Int,
        to buffer: inout ByteBuffer
    ) -> Bool {
        guard limit > 0, bytes.count > 0, bytes.count <= Int(LZ4_MAX_INPUT_SIZE) else {
            return false
        }
        var isWritten = false
        unsafe buffer.append(upTo: limit) { target in
            // Safety: source and target are valid for the stated counts, and LZ4 writes at most `limit`.
            let written = unsafe LZ4_compress_default(
                bytes.unsafeStart.assumingMemoryBound(to: CChar.self),
                target.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(bytes.count),
                Int32(clamping: limit)
            )
            isWritten = written > 0
            return Int(max(0, written))
        }
        return isWritten
    }

    /// Appends the `size` bytes that `packed` holds to `buffer`.
    package static func decompress(
        _ packed: LentBytes,
        size: Int,
        to buffer: inout ByteBuffer
    ) throws(Malformed) {
        try check(packed.span, size: size)
        try unsafe buffer.append(upTo: size) { target throws(Malformed) in
            guard unsafe decompress(packed.span, into: target, size) else { throw Malformed() }
            return size
        }
    }

    /// Writes the bytes that `packed` holds over `target`, which must be as long as they are.
    package static func decompress(
        _ packed: RawSpan,
        into target: UnsafeMutableRawBufferPointer
    ) throws(Malformed) {
        try check(packed, size: target.count)
        guard unsafe decompress(packed, into: target, target.count) else { throw Malformed() }
    }

    /// A byte of an LZ4 block gives at most 255 bytes, so a size that no block of this length can
    /// have is refused before memory is taken for it.
    package static func check(_ packed: RawSpan, size: Int) throws(Malformed) {
        guard size >= 0, size <= Int(LZ4_MAX_INPUT_SIZE), packed.byteCount <= Int(Int32.max),
            size / 255 <= packed.byteCount
        else {
            throw Malformed()
        }
    }

    private static func decompress(
        _ packed: RawSpan,
        into target: UnsafeMutableRawBufferPointer,
        _ size: Int
    ) -> Bool {
        // Safety: LZ4_decompress_safe never reads or writes outside the stated counts.
        let written = unsafe packed.withUnsafeBytes { source in
            unsafe LZ4_decompress_safe(
                source.baseAddress?.assumingMemoryBound(to: CChar.self),
                target.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(source.count),
                Int32(size)
            )
        }
        return Int(written) == size
    }
}
