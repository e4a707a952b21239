/// Memory that somebody else keeps, to be written at offsets: a mapping of a file, for example.
///
/// As `LentBytes`, it is valid only as long as its lender says, and inside its bounds every access is
/// checked. Several threads may write to different places at once.
@safe
// Sendable: two words that do not change; whoever lends the memory says who writes where.
package struct WritableBytes: @unchecked Sendable {
    private let start: UnsafeMutableRawPointer
    /// How many bytes there are.
    package let count: Int

    /// Lends the bytes that a buffer describes, which must stay for as long as this is used.
    package init?(unsafe buffer: UnsafeMutableRawBufferPointer) {
        guard let base = buffer.baseAddress else { return nil }
        unsafe start = base
        count = buffer.count
    }

    /// Copies `bytes` to `offset`.
    package func copy(_ bytes: LentBytes, to offset: Int) {
        precondition(offset >= 0 && bytes.count <= count - offset, "the bytes lie inside")
        guard bytes.count > 0 else { return }
        // Safety: the range was just checked.
        unsafe (start + offset).copyMemory(from: bytes.unsafeStart, byteCount: bytes.count)
    }

    /// Stores a value that is nothing but bytes.
    package func store<Value: BitwiseCopyable>(_ value: Value, at offset: Int) {
        precondition(
            offset >= 0 && MemoryLayout<Value>.size <= count - offset,
            "the value lies inside"
        )
        // Safety: the range was just checked.
        unsafe start.storeBytes(of: value, toByteOffset: offset, as: Value.self)
    }

    /// Fills a range with zeros.
    package func zero(_ range: Range<Int>) {
        precondition(range.lowerBound >= 0 && range.upperBound <= count, "the range lies inside")
        guard !range.isEmpty else { return }
        // Safety: the range was just checked.
        unsafe (start + range.lowerBound).initializeMemory(
            as: UInt8.self,
            repeating: 0,
            count: range.count
        )
    }

    /// The same bytes for reading.
    package var lent: LentBytes {
        // Safety: the same memory, valid under the same condition.
        unsafe LentBytes(unsafeStart: UnsafeRawPointer(start), count: count)
    }
}
