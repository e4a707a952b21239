/// The identity of a response: 256 bits as 52 characters, digits and upper-case letters.
public struct RequestID: Sendable, Equatable, CustomStringConvertible {
    private static let bitsPerCharacter = 5

    private let words: (UInt64, UInt64, UInt64, UInt64)

    /// Takes its bits from four calls of `next`.
    public init(_ next: () -> UInt64) { words = (next(), next(), next(), next()) }

    /// The 52 characters.
    public var description: String {
        var characters: [UInt8] = []
        append(to: &characters)
        return String(decoding: characters, as: UTF8.self)
    }

    /// Appends the 52 characters.
    public func append(to characters: inout [UInt8]) {
        var held: UInt64 = 0
        var heldBits = 0
        func take(_ half: UInt64) {
            // 32 bits at a time: at most 4 are left over, so `held` never overflows.
            held = held << 32 | half
            heldBits += 32
            while heldBits >= Self.bitsPerCharacter {
                heldBits -= Self.bitsPerCharacter
                characters.append(Self.character(held >> UInt64(heldBits) & 31))
            }
        }
        func take(word: UInt64) {
            take(word >> 32)
            take(word & 0xFFFF_FFFF)
        }
        take(word: words.0)
        take(word: words.1)
        take(word: words.2)
        take(word: words.3)
        let missingBits = UInt64(Self.bitsPerCharacter - heldBits)
        characters.append(Self.character(held << missingBits & 31))
    }

    /// The digits, then the letters from A to V.
    private static func character(_ five: UInt64) -> UInt8 {
        five < 10 ? UInt8(ascii: "0") + UInt8(five) : UInt8(ascii: "A") + UInt8(five - 10)
    }

    /// Whether both have the same bits.
    public static func == (left: RequestID, right: RequestID) -> Bool { left.words == right.words }
}
