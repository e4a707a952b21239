internal import CShaleZlib

/// The codings of bodies on the wire, by the system's zlib.
public enum Zlib {
    /// How bytes are wrapped.
    public enum Coding: Sendable, Equatable {
        /// RFC 1952.
        case gzip
        /// RFC 1950, under the name that HTTP has for it.
        case deflate
    }

    /// Why bytes do not become what they should.
    public enum Failure: Error, Sendable, Equatable {
        /// The bytes are not of that coding, are damaged, or end too early.
        case malformed
        /// They hold more than the limit.
        case tooLarge
    }

    /// What is decompressed at a time: so much more than the limit a bomb may take.
    private static let pieceSizeBytes = 64 * 1024
    private static let windowBits: Int32 = 15
    /// Added to the window's bits, it makes zlib write and expect gzip's head.
    private static let gzipBits: Int32 = 16
    private static let memoryLevel: Int32 = 8

    /// CRC-32 (IEEE 802.3), as archives have it.
    ///
    /// - Complexity: O(n).
    public static func crc32(_ bytes: [UInt8]) -> UInt32 {
        var sum: UInt = 0
        // Safety: each piece lies within the bytes, which are valid inside of the closure; zlib only reads them.
        unsafe bytes.withUnsafeBufferPointer { all in
            for start in stride(from: 0, to: all.count, by: Int(UInt32.max)) {
                let piece = unsafe UnsafeBufferPointer(
                    rebasing: all[start...].prefix(Int(UInt32.max))
                )
                sum = unsafe CShaleZlib.crc32(sum, piece.baseAddress, UInt32(piece.count))
            }
        }
        return UInt32(sum)
    }

    /// The bytes that `packed` holds.
    ///
    /// gzip may have several members. deflate may come without zlib's head, as some clients send it.
    /// - Throws: `malformed`; `tooLarge` as soon as there are more than `limit` bytes.
    /// - Complexity: O(`limit`), whatever the input.
    public static func decompress(
        _ packed: [UInt8],
        _ coding: Coding,
        limit: Int
    ) throws(Failure) -> [UInt8] {
        var stream = unsafe z_stream()
        // Safety: the stream is initialized here and ended below, and stays where it is.
        let started = unsafe inflateInit2_(
            &stream,
            bits(of: packed, coding),
            zlibVersion(),
            Int32(MemoryLayout<z_stream>.size)
        )
        precondition(started == Z_OK, "there is memory for a window of 32 KiB")
        // Safety: it was initialized.
        defer { _ = unsafe inflateEnd(&stream) }
        var bytes: [UInt8] = []
        var piece = [UInt8](repeating: 0, count: pieceSizeBytes)
        // Safety: the source is valid inside of the closure, and zlib only reads it.
        try unsafe packed.withUnsafeBufferPointer { source throws(Failure) in
            unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            unsafe stream.avail_in = UInt32(source.count)
            while true {
                let (status, count) = unsafe step(&stream, into: &piece)
                guard bytes.count + count <= limit else { throw .tooLarge }
                bytes.append(contentsOf: piece[..<count])
                switch status {
                case Z_OK: continue
                case Z_STREAM_END:
                    if unsafe stream.avail_in == 0 { return }
                    // Safety: the stream is initialized.
                    guard coding == .gzip, unsafe inflateReset(&stream) == Z_OK else {
                        throw .malformed
                    }
                default: throw .malformed
                }
            }
        }
        return bytes
    }

    /// Decompresses as much as fits into `piece`, and says how much that is.
    private static func step(
        _ stream: inout z_stream,
        into piece: inout [UInt8]
    ) -> (status: Int32, count: Int) {
        // Safety: zlib writes at most `avail_out` bytes, which are the piece's, and only in this call.
        unsafe piece.withUnsafeMutableBufferPointer { target in
            unsafe stream.next_out = target.baseAddress
            unsafe stream.avail_out = UInt32(target.count)
            let status = unsafe inflate(&stream, Z_NO_FLUSH)
            return unsafe (status, target.count - Int(stream.avail_out))
        }
    }

    private static func bits(of packed: [UInt8], _ coding: Coding) -> Int32 {
        switch coding {
        case .gzip: windowBits + gzipBits
        case .deflate: hasZlibHead(packed) ? windowBits : -windowBits
        }
    }

    /// The method is 8, and both bytes together are a multiple of 31 (RFC 1950, section 2.2).
    private static func hasZlibHead(_ packed: [UInt8]) -> Bool {
        guard packed.count >= 2 else { return false }
        return packed[0] & 0x0F == 8 && (Int(packed[0]) << 8 | Int(packed[1])) % 31 == 0
    }

    /// The bytes in their compressed form; `level` is from 1, fast, to 9, small.
    public static func compress(_ bytes: [UInt8], _ coding: Coding, level: Int = 1) -> [UInt8] {
        var stream = unsafe z_stream()
        // Safety: the stream is initialized here and ended below, and stays where it is.
        let started = unsafe deflateInit2_(
            &stream,
            Int32(level),
            Z_DEFLATED,
            coding == .gzip ? windowBits + gzipBits : windowBits,
            memoryLevel,
            Z_DEFAULT_STRATEGY,
            zlibVersion(),
            Int32(MemoryLayout<z_stream>.size)
        )
        precondition(started == Z_OK, "a level from 1 to 9, and memory for a window")
        // Safety: it was initialized.
        defer { _ = unsafe deflateEnd(&stream) }
        // Safety: it is initialized.
        let bound = unsafe Int(deflateBound(&stream, UInt(bytes.count)))
        // Safety: source and target are valid for the stated counts inside of the closures, and the target
        // holds as much as zlib says it needs.
        return unsafe [UInt8](unsafeUninitializedCapacity: bound) { target, count in
            unsafe bytes.withUnsafeBufferPointer { source in
                unsafe stream.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
                unsafe stream.avail_in = UInt32(source.count)
                unsafe stream.next_out = target.baseAddress
                unsafe stream.avail_out = UInt32(bound)
                let status = unsafe deflate(&stream, Z_FINISH)
                precondition(status == Z_STREAM_END, "the bound is large enough")
                count = unsafe bound - Int(stream.avail_out)
            }
        }
    }
}
