import Foundation

/// Repeatable draws: SplitMix64, after Steele, Lea and Flood, "Fast splittable pseudorandom number
/// generators" (2014).
struct Draws: RandomNumberGenerator {
    private var state: UInt64

    init(seed: UInt64) { state = seed }

    mutating func next() -> UInt64 {
        state &+= 0x9E37_79B9_7F4A_7C15
        return Self.mixed(state)
    }

    /// The generator's finisher: spreads neighbouring numbers over all of 64 bits.
    static func mixed(_ number: UInt64) -> UInt64 {
        var mixed = number
        mixed = (mixed ^ (mixed >> 30)) &* 0xBF58_476D_1CE4_E5B9
        mixed = (mixed ^ (mixed >> 27)) &* 0x94D0_49BB_1331_11EB
        return mixed ^ (mixed >> 31)
    }
}

/// Draws numbers below `count`, all alike or by Zipf's law with exponent 0.99.
///
/// Zipf after Gray et al., "Quickly generating billion-record synthetic databases" (1994), section 3.2;
/// ranks are spread over the keys by a hash, so that hot keys are not neighbours. Making one costs
/// O(count), a draw O(1).
struct KeyChoice: Sendable {
    private static let theta = 0.99

    private let count: Int
    private let distribution: Distribution
    private let zeta: Double
    private let eta: Double

    init(_ distribution: Distribution, count: Int) {
        self.count = count
        self.distribution = distribution
        guard distribution == .zipf else {
            zeta = 0
            eta = 0
            return
        }
        zeta = (1...count).reduce(0.0) { $0 + 1 / pow(Double($1), Self.theta) }
        let zetaOfTwo = 1 + pow(0.5, Self.theta)
        eta = (1 - pow(2 / Double(count), 1 - Self.theta)) / (1 - zetaOfTwo / zeta)
    }

    /// The next number.
    func next(_ draws: inout Draws) -> Int {
        switch distribution {
        case .uniform:
            return Int.random(in: 0..<count, using: &draws)
        case .zipf:
            let rank = rank(Double.random(in: 0..<1, using: &draws))
            return Int(Draws.mixed(UInt64(rank)) % UInt64(count))
        }
    }

    private func rank(_ uniform: Double) -> Int {
        let scaled = uniform * zeta
        if scaled < 1 { return 0 }
        if scaled < 1 + pow(0.5, Self.theta) { return min(1, count - 1) }
        let rank = Double(count) * pow(eta * uniform - eta + 1, 1 / (1 - Self.theta))
        return min(count - 1, Int(rank))
    }
}
