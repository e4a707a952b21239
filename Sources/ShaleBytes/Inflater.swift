internal import CShaleZlib

/// Decompresses gzip piece by piece, in bounded memory.
///
/// One caller at a time, on whatever thread. Several members one behind the other are one text.
/// Total: any bytes give bytes and an end, or an error.
@safe
// Sendable: it goes from one thread to the next with the value that holds it, which is used by one at a time.
public final class Inflater: @unchecked Sendable {
    private static let windowBits: Int32 = 15 + 16
    private static let pieceSizeBytes = 64 * 1024

    // Safety: allocated and initialized in `init`, freed in `deinit`.
    private let stream: UnsafeMutablePointer<z_stream>
    private var piece = [UInt8](repeating: 0, count: pieceSizeBytes)
    private var isAtEndOfMember = false
    private var hasBegun = false

    /// Begins.
    public init() {
        unsafe stream = UnsafeMutablePointer<z_stream>.allocate(capacity: 1)
        // Safety: just allocated.
        unsafe stream.initialize(to: z_stream())
        // Safety: initialized, and stays where it is.
        let started = unsafe inflateInit2_(
            stream,
            Self.windowBits,
            zlibVersion(),
            Int32(MemoryLayout<z_stream>.size)
        )
        precondition(started == Z_OK, "there is memory for a window of 32 KiB")
    }

    deinit {
        // Safety: initialized in `init`.
        _ = unsafe inflateEnd(stream)
        unsafe stream.deallocate()
    }

    /// Whether what was given ends where a member ends.
    public var isComplete: Bool { isAtEndOfMember || !hasBegun }

    /// Decompresses what comes next, and hands it on in pieces.
    /// - Throws: `malformed`, or what `body` throws.
    public func add(
        _ packed: [UInt8],
        _ body: (ArraySlice<UInt8>) throws(Zlib.Failure) -> Void
    ) throws(Zlib.Failure) {
        guard !packed.isEmpty else { return }
        hasBegun = true
        // Safety: the source is valid inside of the closure, and zlib only reads it.
        try unsafe packed.withUnsafeBufferPointer { source throws(Zlib.Failure) in
            unsafe stream.pointee.next_in = UnsafeMutablePointer(mutating: source.baseAddress)
            unsafe stream.pointee.avail_in = UInt32(source.count)
            while unsafe stream.pointee.avail_in > 0 || !isAtEndOfMember {
                if isAtEndOfMember {
                    // Safety: initialized.
                    guard unsafe inflateReset(stream) == Z_OK else { throw .malformed }
                    isAtEndOfMember = false
                }
                let (status, count) = step()
                if count > 0 { try body(piece[..<count]) }
                switch status {
                case Z_STREAM_END: isAtEndOfMember = true
                case Z_OK: if unsafe count == 0 && stream.pointee.avail_in == 0 { return }
                // There is no more input now.
                case Z_BUF_ERROR: return
                default: throw .malformed
                }
            }
        }
    }

    private func step() -> (status: Int32, count: Int) {
        // Safety: zlib writes at most `avail_out` bytes, which are the piece's, and only in this call.
        unsafe piece.withUnsafeMutableBufferPointer { target in
            unsafe stream.pointee.next_out = target.baseAddress
            unsafe stream.pointee.avail_out = UInt32(target.count)
            let status = unsafe inflate(stream, Z_NO_FLUSH)
            return unsafe (status, target.count - Int(stream.pointee.avail_out))
        }
    }
}
