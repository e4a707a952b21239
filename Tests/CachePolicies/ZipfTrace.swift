internal import Foundation

/// Keys as users ask for them: the rank of the next one is drawn with a probability of 1 / rank^exponent, and ranks are
/// spread over the keys.
///
/// The method is that of J. Gray and others, "Quickly Generating Billion-Record Synthetic Databases" (1994), which YCSB
/// uses as well.
package struct ZipfTrace: Sequence, IteratorProtocol {
    private let keys: Double
    private let exponent: Double
    private let zeta: Double
    private let alpha: Double
    private let eta: Double
    private var state: UInt64
    private var left: Int

    /// A trace of `length` uses of `keys` different keys.
    package init(keys: Int, exponent: Double, length: Int, seed: UInt64) {
        self.keys = Double(keys)
        self.exponent = exponent
        zeta = (1...keys).reduce(0) { $0 + 1 / pow(Double($1), exponent) }
        alpha = 1 / (1 - exponent)
        eta =
            (1 - pow(2 / Double(keys), 1 - exponent))
            / (1 - (1 + pow(0.5, exponent)) / zeta)
        state = seed
        left = length
    }

    package mutating func next() -> UInt64? {
        guard left > 0 else { return nil }
        left -= 1
        let uniform = Double(random() >> 11) / Double(1 << 53)
        let scaled = uniform * zeta
        if scaled < 1 { return Self.mix(0) }
        if scaled < 1 + pow(0.5, exponent) { return Self.mix(1) }
        return Self.mix(UInt64(keys * pow(eta * uniform - eta + 1, alpha)))
    }

    private mutating func random() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mix(state)
    }

    private static func mix(_ word: UInt64) -> UInt64 {
        var mixed = (word ^ (word >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}
