/// The identity of a response: 256 bits as 52 characters, digits and upper-case letters.
public struct RequestID: Sendable, Equatable, CustomStringConvertible {
    /// The 52 characters.
    public let description: String

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUV".utf8)
    private static let bitsPerCharacter = 5
    private static let wordCount = 4

    /// Takes its bits from four calls of `next`.
    public init(_ next: () -> UInt64) {
        var characters: [UInt8] = []
        characters.reserveCapacity(52)
        var held: UInt64 = 0
        var heldBits = 0
        for _ in 0..<Self.wordCount {
            let word = next()
            // 32 bits at a time: at most 4 are left over, so `held` never overflows.
            for half in [word >> 32, word & 0xFFFF_FFFF] {
                held = held << 32 | half
                heldBits += 32
                while heldBits >= Self.bitsPerCharacter {
                    heldBits -= Self.bitsPerCharacter
                    characters.append(Self.alphabet[Int(held >> UInt64(heldBits) & 31)])
                }
            }
        }
        let missingBits = UInt64(Self.bitsPerCharacter - heldBits)
        characters.append(Self.alphabet[Int(held << missingBits & 31)])
        description = String(decoding: characters, as: UTF8.self)
    }
}
