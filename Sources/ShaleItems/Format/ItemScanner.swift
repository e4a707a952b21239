/// The steps through the bytes of an item: tags, lengths, texts.
///
/// Every step stays inside the range.
///
/// Total: every input gives a step or an error with its offset, never a trap. The span is handed to
/// each step, because a span cannot be stored in a value that escapes.
package struct ItemScanner {
    /// Where the next step starts.
    package private(set) var offset: Int
    /// Where the steps end.
    package let end: Int

    /// Scans `range`, which must lie inside the bytes handed to every step.
    package init(_ range: Range<Int>) {
        offset = range.lowerBound
        end = range.upperBound
    }

    package var isAtEnd: Bool { offset == end }

    @inline(__always)
    mutating func byte(_ bytes: Span<UInt8>) throws(ItemError) -> UInt8 {
        guard offset < end else { throw .malformed(offset, "it ends too early") }
        defer { offset += 1 }
        return bytes[offset]
    }

    /// A length in its shortest form, not past the end.
    @inline(__always)
    mutating func length(_ bytes: Span<UInt8>) throws(ItemError) -> Int {
        // Nearly every length is one byte.
        if offset < end, bytes[offset] < 0x80, Int(bytes[offset]) < end - offset {
            defer { offset += 1 }
            return Int(bytes[offset])
        }
        return try longLength(bytes)
    }

    private mutating func longLength(_ bytes: Span<UInt8>) throws(ItemError) -> Int {
        let start = offset
        var value = 0
        var shift = 0
        while true {
            let byte = try byte(bytes)
            value |= Int(byte & 0x7F) << shift
            if byte < 0x80 {
                guard byte != 0 || shift == 0 else {
                    throw .malformed(start, "a length is longer than needed")
                }
                break
            }
            shift += 7
            guard shift <= 28 else { throw .malformed(start, "a length is too large") }
        }
        guard value <= end - offset else {
            throw .malformed(start, "a length of \(value) reaches past the end")
        }
        return value
    }

    /// The kind and the payload of a value; the scanner then stands behind the value.
    @inline(__always)
    package mutating func value(
        _ bytes: Span<UInt8>
    ) throws(ItemError) -> (kind: ItemFormat.Kind, payload: Range<Int>) {
        let start = offset
        let tag = try byte(bytes)
        guard let kind = ItemFormat.Kind(rawValue: tag & ItemFormat.kindMask) else {
            throw .malformed(start, "\(tag & ItemFormat.kindMask) is no type")
        }
        var count = Int(tag >> ItemFormat.lengthShift)
        if count == ItemFormat.longLength {
            count = try length(bytes)
            guard count >= ItemFormat.longLength else {
                throw .malformed(start, "a length is longer than needed")
            }
        }
        guard count <= end - offset else {
            throw .malformed(start, "a length of \(count) reaches past the end")
        }
        return (kind, skip(count))
    }

    /// The place of bytes after their length.
    @inline(__always)
    package mutating func lengthPrefixed(_ bytes: Span<UInt8>) throws(ItemError) -> Range<Int> {
        skip(try length(bytes))
    }

    /// A number.
    package mutating func number(_ bytes: Span<UInt8>) throws(ItemError) -> Number {
        try NumberFormat.read(from: bytes.extracting(..<end), at: &offset)
    }

    @inline(__always)
    private mutating func skip(_ count: Int) -> Range<Int> {
        let start = offset
        offset += count
        return start..<offset
    }

    /// The text of a range.
    static func text(_ range: Range<Int>, of bytes: Span<UInt8>) throws(ItemError) -> String {
        do throws(UTF8.ValidationError) {
            return String(copying: try UTF8Span(validating: bytes.extracting(range)))
        } catch {
            throw .malformed(range.lowerBound + error.byteOffsets.lowerBound, "text is not UTF-8")
        }
    }

    /// The bytes of a range.
    static func array(_ range: Range<Int>, of bytes: Span<UInt8>) -> [UInt8] {
        // Safety: the buffer is copied before the closure returns.
        unsafe bytes.extracting(range).withUnsafeBufferPointer { unsafe [UInt8]($0) }
    }
}
