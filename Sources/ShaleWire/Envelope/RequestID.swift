/// The identity of a response: 256 random bits as 52 characters, digits and upper-case letters.
public struct RequestID: Sendable, Equatable, CustomStringConvertible {
    /// The 52 characters.
    public let description: String

    private static let alphabet = Array("0123456789ABCDEFGHIJKLMNOPQRSTUV".utf8)
    private static let bitsPerCharacter = 5

    /// Takes its bits from `next`, the lower 32 of eight calls.
    public init(_ next: () -> UInt64) {
        var characters: [UInt8] = []
        characters.reserveCapacity(52)
        var held: UInt64 = 0
        var heldBits = 0
        for _ in 0..<8 {
            // 32 bits at a time: at most 4 are left over, so `held` never overflows.
            held = held << 32 | (next() & 0xFFFF_FFFF)
            heldBits += 32
            while heldBits >= Self.bitsPerCharacter {
                heldBits -= Self.bitsPerCharacter
                characters.append(Self.alphabet[Int(held >> UInt64(heldBits) & 31)])
            }
        }
        let lastBits = UInt64(Self.bitsPerCharacter - heldBits)
        characters.append(Self.alphabet[Int(held << lastBits & 31)])
        description = String(decoding: characters, as: UTF8.self)
    }
}
