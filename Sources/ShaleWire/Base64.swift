/// Base64 with padding (RFC 4648, section 4): how binary values travel in JSON.
///
/// Strict: the length is a multiple of four, padding stands only at the end, and the bits that
/// padding leaves over are zero, so that one value has one text.
public enum Base64 {
    private static let alphabet = Array(
        "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/".utf8
    )
    private static let notADigit: UInt8 = 0xFF
    private static let values: [UInt8] = {
        var values = [UInt8](repeating: notADigit, count: 256)
        for (value, byte) in alphabet.enumerated() { values[Int(byte)] = UInt8(value) }
        return values
    }()

    /// The text of `data`.
    public static func encode(_ data: some Collection<UInt8>) -> String {
        var text: [UInt8] = []
        append(data, to: &text)
        return String(decoding: text, as: UTF8.self)
    }

    static func append(_ data: some Collection<UInt8>, to text: inout [UInt8]) {
        text.reserveCapacity(text.count + (data.count + 2) / 3 * 4)
        var group: UInt32 = 0
        var held = 0
        for byte in data {
            group = group << 8 | UInt32(byte)
            held += 1
            guard held == 3 else { continue }
            for shift: UInt32 in [18, 12, 6, 0] { text.append(alphabet[Int(group >> shift & 63)]) }
            group = 0
            held = 0
        }
        guard held > 0 else { return }
        group <<= held == 1 ? 16 : 8
        text.append(alphabet[Int(group >> 18 & 63)])
        text.append(alphabet[Int(group >> 12 & 63)])
        text.append(held == 1 ? UInt8(ascii: "=") : alphabet[Int(group >> 6 & 63)])
        text.append(UInt8(ascii: "="))
    }

    static func append(_ data: Span<UInt8>, to text: inout [UInt8]) {
        text.reserveCapacity(text.count + (data.count + 2) / 3 * 4)
        let alphabet = alphabet
        var index = 0
        while data.count - index >= 3 {
            let group =
                UInt32(data[index]) << 16 | UInt32(data[index + 1]) << 8 | UInt32(data[index + 2])
            text.append(alphabet[Int(group >> 18)])
            text.append(alphabet[Int(group >> 12 & 63)])
            text.append(alphabet[Int(group >> 6 & 63)])
            text.append(alphabet[Int(group & 63)])
            index += 3
        }
        guard index < data.count else { return }
        let second = index + 1 < data.count ? data[index + 1] : 0
        let group = UInt32(data[index]) << 16 | UInt32(second) << 8
        text.append(alphabet[Int(group >> 18)])
        text.append(alphabet[Int(group >> 12 & 63)])
        text.append(
            index + 1 < data.count ? alphabet[Int(group >> 6 & 63)] : UInt8(ascii: "=")
        )
        text.append(UInt8(ascii: "="))
    }

    /// The bytes that ASCII text stands for; nil when it stands for none.
    static func decode(_ text: Span<UInt8>) -> [UInt8]? {
        guard text.count % 4 == 0 else { return nil }
        var count = text.count
        while count > 0, text.count - count < 2, text[count - 1] == UInt8(ascii: "=") { count -= 1 }
        let values = values
        var data: [UInt8] = []
        data.reserveCapacity(text.count / 4 * 3)
        var group: UInt32 = 0
        var held: UInt32 = 0
        for index in 0..<count {
            let value = values[Int(text[index])]
            guard value != notADigit else { return nil }
            group = group << 6 | UInt32(value)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            data.append(UInt8(truncatingIfNeeded: group >> held))
            group &= (1 << held) - 1
        }
        return group == 0 ? data : nil
    }

    /// The bytes that `text` stands for.
    public static func decode(_ text: String) throws(WireError) -> [UInt8] {
        let count = text.utf8.count
        guard count % 4 == 0 else {
            throw .serialization(
                "Base64 encoded length is expected a multiple of 4 bytes but found: \(count)"
            )
        }
        var padding = 0
        for byte in text.utf8.reversed().prefix(2) {
            guard byte == UInt8(ascii: "=") else { break }
            padding += 1
        }
        var data: [UInt8] = []
        data.reserveCapacity(count / 4 * 3)
        var group: UInt32 = 0
        var held = 0
        for byte in text.utf8.dropLast(padding) {
            let value = values[Int(byte)]
            guard value != notADigit else {
                throw .serialization("Invalid Base64 character: 0x\(Hexadecimal.text([byte]))")
            }
            group = group << 6 | UInt32(value)
            held += 6
            guard held >= 8 else { continue }
            held -= 8
            data.append(UInt8(truncatingIfNeeded: group >> UInt32(held)))
            group &= (1 << UInt32(held)) - 1
        }
        guard group == 0 else {
            throw .serialization("Invalid last non-pad Base64 character detected")
        }
        return data
    }
}
