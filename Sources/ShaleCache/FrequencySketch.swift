/// How often keys were asked for lately, roughly and never too little: a count-min sketch of counters of four bits.
///
/// Each key has one counter in each of four rows; its frequency is the least of them, since others share them
/// (G. Cormode, S. Muthukrishnan, "An Improved Data Stream Summary", 2005). Once as many uses were counted
/// as are worth remembering, all counters are halved, so that what was hot yesterday makes
/// room (G. Einziger, R. Friedman, B. Manes, "TinyLFU: A Highly Efficient Cache Admission Policy", 2017).
///
///     word    16 counters of 4 bits; of the row `r` a key uses one of the counters 4r … 4r + 3 of one word
struct FrequencySketch: Sendable {
    private var words: [UInt64]
    private let mask: UInt64
    private var additions = 0

    /// More uses than this are not told apart.
    static let most = 15
    private static let rows = 4
    /// Odd multipliers, so that rows choose words independently of each other.
    private static let seeds: [UInt64] = [
        0x9E37_79B9_7F4A_7C15, 0xC2B2_AE3D_27D4_EB4F, 0x1656_67B1_9E37_79F9, 0xD6E8_FEB8_6659_FD93,
    ]

    /// A sketch for about so many keys.
    init(keys: Int) {
        var count = 16
        while count < keys { count *= 2 }
        words = Array(repeating: 0, count: count)
        mask = UInt64(count - 1)
    }

    /// How many bytes the counters take.
    var sizeBytes: Int { words.count * MemoryLayout<UInt64>.stride }

    /// About how often the key was asked for, up to 15.
    func frequency(_ hash: UInt64) -> Int {
        var least = Self.most
        for row in 0..<Self.rows {
            let (word, shift) = place(hash, row)
            least = min(least, Int(truncatingIfNeeded: words[word] >> shift) & Self.most)
        }
        return least
    }

    /// Counts `uses` of a key; after `window` uses of all keys everything is halved.
    mutating func add(_ hash: UInt64, _ uses: Int = 1, window: Int) {
        guard uses > 0 else { return }
        for row in 0..<Self.rows {
            let (word, shift) = place(hash, row)
            let count = Int(truncatingIfNeeded: words[word] >> shift) & Self.most
            let added = UInt64(min(uses, Self.most - count))
            words[word] += added << shift
        }
        additions += uses
        if additions >= window { age() }
    }

    private mutating func age() {
        additions /= 2
        for index in words.indices { words[index] = (words[index] >> 1) & 0x7777_7777_7777_7777 }
    }

    @inline(__always)
    private func place(_ hash: UInt64, _ row: Int) -> (word: Int, shift: UInt64) {
        let mixed = (hash &+ UInt64(truncatingIfNeeded: row)) &* Self.seeds[row]
        let spread = mixed ^ (mixed >> 32)
        let counter = UInt64(truncatingIfNeeded: row * 4) + ((spread >> 60) & 3)
        return (Int(spread & mask), counter * 4)
    }
}
