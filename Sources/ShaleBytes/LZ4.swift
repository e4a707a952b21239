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
    ///
    /// A byte of an LZ4 block gives at most 255 bytes, so a size that no block of this length can
    /// have is refused before memory is taken for it.
    public static func decompress(_ packed: RawSpan, size: Int) throws(Malformed) -> [UInt8] {
        guard size >= 0, size <= Int(LZ4_MAX_INPUT_SIZE), packed.byteCount <= Int(Int32.max),
            size / 255 <= packed.byteCount
        else {
            throw Malformed()
        }
        var isWhole = false
        let bytes = unsafe [UInt8](unsafeUninitializedCapacity: size) { target, count in
            // Safety: LZ4_decompress_safe never reads or writes outside the stated counts.
            let written = unsafe packed.withUnsafeBytes { source in
                unsafe LZ4_decompress_safe(
                    source.baseAddress?.assumingMemoryBound(to: CChar.self),
                    UnsafeMutableRawPointer(target.baseAddress)?.assumingMemoryBound(
                        to: CChar.self
                    ),
                    Int32(source.count),
                    Int32(size)
                )
            }
            isWhole = Int(written) == size
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
        guard size >= 0, size <= Int(LZ4_MAX_INPUT_SIZE), packed.count <= Int(Int32.max),
            size / 255 <= packed.count
        else {
            throw Malformed()
        }
        try unsafe buffer.append(upTo: size) { target throws(Malformed) in
            // Safety: LZ4_decompress_safe never reads or writes outside the stated counts.
            let written = unsafe LZ4_decompress_safe(
                packed.unsafeStart.assumingMemoryBound(to: CChar.self),
                target.baseAddress?.assumingMemoryBound(to: CChar.self),
                Int32(packed.count),
                Int32(size)
            )
            guard Int(written) == size else { throw Malformed() }
            return size
        }
    }
}
