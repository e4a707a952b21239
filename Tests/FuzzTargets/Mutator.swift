internal import Simulation

/// Changes bytes as a seed decides: flips, values at the edge, pieces cut out, moved, doubled, or of others.
public struct Mutator: Sendable {
    private var generator: SimulatedGenerator

    /// The mutator of a seed.
    public init(seed: UInt64) { generator = SimulatedGenerator(seed: seed, stream: 47) }

    /// A changed copy of one of these.
    public mutating func next(from corpus: [[UInt8]]) -> [UInt8] {
        guard !corpus.isEmpty else { return [] }
        var bytes = corpus[generator.below(corpus.count)]
        for _ in 0...generator.below(4) {
            change(&bytes, corpus[generator.below(corpus.count)])
        }
        return bytes
    }

    private mutating func change(_ bytes: inout [UInt8], _ other: [UInt8]) {
        guard !bytes.isEmpty else { return bytes = other }
        let place = generator.below(bytes.count)
        let length = min(bytes.count - place, 1 + generator.below(16))
        switch generator.below(8) {
        case 0: bytes[place] ^= 1 << UInt8(generator.below(8))
        case 1: bytes[place] = [0, 1, 0x7F, 0x80, 0xFF][generator.below(5)]
        case 2: bytes[place] = UInt8(truncatingIfNeeded: generator.next())
        case 3: bytes.removeSubrange(place..<(place + length))
        case 4: bytes.insert(contentsOf: bytes[place..<(place + length)], at: place)
        case 5:
            for index in place..<(place + length) {
                bytes[index] = UInt8(truncatingIfNeeded: generator.next())
            }
        case 6 where !other.isEmpty:
            let start = generator.below(other.count)
            bytes.insert(contentsOf: other[start..<min(other.count, start + length)], at: place)
        default: bytes.removeLast(bytes.count - place)
        }
    }
}
