/// Bytes and words as hexadecimal text, for errors and for `inspect`.
enum Hexadecimal {
    private static let digits = Array("0123456789abcdef".utf8)

    /// Sixteen digits, most significant first.
    static func text(_ word: UInt64) -> String { text(word, digits: 16) }

    /// Eight digits, most significant first.
    static func text(_ word: UInt32) -> String { text(UInt64(word), digits: 8) }

    /// Two digits a byte; of more than `limit` bytes the first ones and how many there are.
    static func text(_ bytes: some Collection<UInt8>, limit: Int = 24) -> String {
        var text = ""
        for byte in bytes.prefix(limit) { text += Self.text(UInt64(byte), digits: 2) }
        return bytes.count > limit ? "\(text)… (\(bytes.count) bytes)" : text
    }

    private static func text(_ word: UInt64, digits count: Int) -> String {
        var bytes: [UInt8] = []
        for place in (0..<count).reversed() {
            bytes.append(digits[Int(word >> UInt64(4 * place) & 0xF)])
        }
        return String(decoding: bytes, as: UTF8.self)
    }
}
