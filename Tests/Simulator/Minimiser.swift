/// All lives of a database that one seed decides, at some level.
public protocol HistoryRun {
    /// Prepares the world of a seed, without what is left out.
    init(seed: UInt64, without omissions: Omissions, keepsEvents: Bool)
    /// What was done so far.
    var counts: RunCounts { get }
    /// What happened, as a number.
    var traceHash: UInt64 { get }
    /// What happened, in words, where that is kept.
    var events: [String] { get }
    /// Runs lives until `count` crashes have happened.
    mutating func run(cuts count: Int) throws
}

/// Makes a failing history smaller: runs its seed again with things left out, and leaves out for good what the
/// failure does not need.
///
/// What is left out changes all that the seed decides afterwards, so most tries are other histories. As long as
/// one of them fails, the smaller one is kept.
public struct Minimiser<Run: HistoryRun> {
    /// How far it came.
    public struct Smallest {
        /// What is left out.
        public var omissions = Omissions()
        /// Crashes until it fails.
        public var cuts: Int
        /// What fails.
        public var problem: String
        /// What happened until then, in words.
        public var events: [String]
        /// How many histories were run.
        public var tries = 0
    }

    private let seed: UInt64
    private let tryLimit: Int
    private var smallest: Smallest

    /// Of a seed that fails within `cuts` crashes; nil where it does not.
    public init?(seed: UInt64, cuts: Int, tryLimit: Int = 150) {
        self.seed = seed
        self.tryLimit = tryLimit
        guard let found = Self.failure(seed, Omissions(), cuts) else { return nil }
        smallest = found
    }

    /// Leaves out as much as it can.
    public mutating func run() -> Smallest {
        var isSmaller = true
        while isSmaller, smallest.tries < tryLimit {
            isSmaller = false
            for name in Omissions.all where !smallest.omissions.names.contains(name) {
                var omissions = smallest.omissions
                omissions.names.insert(name)
                if accept(omissions) { isSmaller = true }
            }
            for limit in [2, 5, 10, 20, 50] where limit < smallest.omissions.callLimit ?? .max {
                var omissions = smallest.omissions
                omissions.callLimit = limit
                guard accept(omissions) else { continue }
                isSmaller = true
                break
            }
        }
        return smallest
    }

    private mutating func accept(_ omissions: Omissions) -> Bool {
        guard smallest.tries < tryLimit else { return false }
        smallest.tries += 1
        guard var found = Self.failure(seed, omissions, smallest.cuts) else { return false }
        found.tries = smallest.tries
        smallest = found
        return true
    }

    private static func failure(_ seed: UInt64, _ omissions: Omissions, _ cuts: Int) -> Smallest? {
        var run = Run(seed: seed, without: omissions, keepsEvents: true)
        do {
            try run.run(cuts: cuts)
            return nil
        } catch {
            return Smallest(
                omissions: omissions,
                cuts: max(1, run.counts.cuts),
                problem: "\(error)",
                events: run.events
            )
        }
    }
}
