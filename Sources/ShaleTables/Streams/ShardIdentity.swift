/// Which shard of a stream it is.
///
/// As text: `shardId-` and twenty digits of the time when its generation was made, then eight hexadecimal digits of
/// generation and slot.
public struct ShardIdentity: Hashable, Sendable, CustomStringConvertible {
    private static let mark = "shardId-"
    private static let timeDigits = 20

    /// When the shard was made: milliseconds since 1970-01-01 UTC.
    public var createdMilliseconds: Int64
    /// The stream's generation, from 0 on.
    public var generation: Int
    /// The shard's place in its generation.
    public var slot: Int

    init(_ generation: StreamGeneration, slot: Int) {
        createdMilliseconds = generation.createdMilliseconds
        self.generation = generation.number
        self.slot = slot
    }

    /// Reads an identity; nil where it is none.
    public init?(_ text: String) {
        let bytes = Array(text.utf8)
        let mark = Array(Self.mark.utf8)
        guard bytes.count == mark.count + Self.timeDigits + 1 + 8, bytes.starts(with: mark) else {
            return nil
        }
        let parts = text.dropFirst(mark.count).split(
            separator: "-",
            omittingEmptySubsequences: false
        )
        guard parts.count == 2, parts[0].utf8.count == Self.timeDigits,
            let time = Int64(parts[0]), let number = UInt32(parts[1], radix: 16), time >= 0
        else { return nil }
        createdMilliseconds = time
        generation = Int(number >> 8)
        slot = Int(number & 0xFF)
    }

    /// The text.
    public var description: String {
        let time = String(createdMilliseconds)
        let number = String(generation << 8 | slot, radix: 16)
        return Self.mark + String(repeating: "0", count: Self.timeDigits - time.count) + time + "-"
            + String(repeating: "0", count: max(0, 8 - number.count)) + number
    }
}
