// Stored numbers to text, without making a `Number` of them.

extension NumberFormat {
    /// Appends the text of the number whose bytes are `bytes`, as `Number.description` has it.
    /// - Throws: `malformedItem`; offsets are those of `bytes`.
    package static func appendText(
        of bytes: Span<UInt8>,
        to text: inout [UInt8]
    ) throws(ItemError) {
        guard !bytes.isEmpty else { throw .malformed(0, "the number is cut") }
        if bytes.count == 1, bytes[0] == zero {
            text.append(UInt8(ascii: "0"))
            return
        }
        guard bytes[0] == negative || bytes[0] == positive, bytes.count > 2, bytes.count <= maxSize
        else { throw .malformed(0, "these bytes are no number") }
        let mask: UInt8 = bytes[0] == negative ? 0xFF : 0
        let last = bytes[bytes.count - 1] ^ mask
        for index in 2..<bytes.count {
            let byte = bytes[index] ^ mask
            let isLast = index == bytes.count - 1
            guard byte < 200, index > 2 || byte >= 20, (byte & 1 == 0) == isLast else {
                throw .malformed(index, "\(byte / 2) is no pair of digits here")
            }
        }
        guard last != 0 else { throw .malformed(bytes.count - 1, "the last pair is 00") }
        let count = 2 * (bytes.count - 2) - (last / 2 % 10 == 0 ? 1 : 0)
        /// How many digits stand before the point.
        let whole = Int(bytes[1] ^ mask) + ItemLimits.numberMinExponent + 1
        if mask != 0 { text.append(UInt8(ascii: "-")) }
        if whole <= 0 {
            text.append(UInt8(ascii: "0"))
            text.append(UInt8(ascii: "."))
            for _ in 0..<(-whole) { text.append(UInt8(ascii: "0")) }
        }
        for index in 0..<count {
            if index == whole, whole > 0 { text.append(UInt8(ascii: ".")) }
            let pair = (bytes[2 + index / 2] ^ mask) / 2
            text.append(UInt8(ascii: "0") + (index & 1 == 0 ? pair / 10 : pair % 10))
        }
        if whole > count {
            for _ in count..<whole { text.append(UInt8(ascii: "0")) }
        }
    }
}
