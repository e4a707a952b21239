internal import CPeers

/// Ranks by the zipfian distribution with exponent 0.99, as YCSB draws them.
///
/// After Gray et al., "Quickly Generating Billion-Record Synthetic Databases" (1994). Popular ranks lie
/// anywhere among the keys.
struct Zipf: Sendable {
    private static let theta = 0.99
    private let count: Int
    private let zeta: Double
    private let eta: Double
    private let permutation: Permutation

    init(_ count: Int) {
        self.count = count
        zeta = (1...count).reduce(0) { $0 + 1 / Self.power(Double($1), Self.theta) }
        let two = 1 + 1 / Self.power(2, Self.theta)
        eta = (1 - Self.power(2 / Double(count), 1 - Self.theta)) / (1 - two / zeta)
        permutation = Permutation(count)
    }

    /// The next rank: 0 is the most popular.
    func rank(_ random: inout Random) -> Int {
        let fraction = random.nextFraction()
        let scaled = fraction * zeta
        if scaled < 1 { return 0 }
        if scaled < 1 + 1 / Self.power(2, Self.theta) { return 1 }
        let exponent = 1 / (1 - Self.theta)
        return min(count - 1, Int(Double(count) * Self.power(eta * fraction - eta + 1, exponent)))
    }

    /// The next key.
    func key(_ random: inout Random) -> Int { permutation(rank(&random)) }

    /// Keys drawn ahead of time for each thread, so that no row pays for the arithmetic.
    func draws(for request: Request) -> [Draws] {
        ranks(for: request).map { ranks in
            Draws((0..<Draws.count).map { UInt32(permutation(ranks[$0])) })
        }
    }

    /// Ranks drawn ahead of time for each thread.
    func ranks(for request: Request) -> [Draws] {
        (0..<request.threads).map { thread in
            var random = Random(request.seed + UInt64(thread) * 7919)
            return Draws((0..<Draws.count).map { _ in UInt32(rank(&random)) })
        }
    }

    private static func power(_ base: Double, _ exponent: Double) -> Double {
        benchPower(base, exponent)
    }

    /// A ring of draws.
    struct Draws: Sendable {
        static let count = 1 << 21
        private let drawn: [UInt32]

        init(_ drawn: [UInt32]) { self.drawn = drawn }

        @inline(__always)
        subscript(index: Int) -> Int { Int(drawn[index & (Self.count - 1)]) }
    }
}
