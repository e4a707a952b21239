internal import CShaleShims

/// CRC-32C (Castagnoli), by the processor's instruction where there is one.
public enum Checksum {
    /// The CRC-32C of `bytes`; `seed` is the checksum of what precedes them.
    /// - Complexity: O(n), about 10 bytes a nanosecond.
    public static func crc32c(_ bytes: RawSpan, seed: UInt32 = 0) -> UInt32 {
        // Safety: base and count describe the span, which outlives the call.
        unsafe bytes.withUnsafeBytes { unsafe shale_crc32c(seed, $0.baseAddress, $0.count) }
    }

    /// The CRC-32C of lent bytes.
    package static func crc32c(_ bytes: LentBytes, seed: UInt32 = 0) -> UInt32 {
        // Safety: the lender keeps the bytes valid.
        unsafe shale_crc32c(seed, bytes.unsafeStart, bytes.count)
    }

    /// The CRC-32C of an array.
    public static func crc32c(_ bytes: [UInt8], seed: UInt32 = 0) -> UInt32 {
        // Safety: every bit pattern of a byte is a byte.
        unsafe crc32c(bytes.span.bytes, seed: seed)
    }
}

/// XXH3-64, the hash of partition keys and filters; frozen by the on-disk format.
public enum Hash {
    /// The XXH3-64 of `bytes` with `seed`.
    public static func xxh3(_ bytes: RawSpan, seed: UInt64) -> UInt64 {
        // Safety: base and count describe the span, which outlives the call.
        unsafe bytes.withUnsafeBytes { unsafe shale_xxh3_64($0.baseAddress, $0.count, seed) }
    }

    /// The XXH3-64 of lent bytes.
    package static func xxh3(_ bytes: LentBytes, seed: UInt64) -> UInt64 {
        // Safety: the lender keeps the bytes valid.
        unsafe shale_xxh3_64(bytes.unsafeStart, bytes.count, seed)
    }

    /// The XXH3-64 of an array.
    public static func xxh3(_ bytes: [UInt8], seed: UInt64) -> UInt64 {
        // Safety: every bit pattern of a byte is a byte.
        unsafe xxh3(bytes.span.bytes, seed: seed)
    }
}
