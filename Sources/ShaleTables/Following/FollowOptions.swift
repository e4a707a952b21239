/// How a follower reads, and what it does with changes that its closure does not take.
public struct FollowOptions: Sendable {
    /// Where a follower begins whose name is new.
    public enum Start: Sendable {
        /// With the oldest change that is kept, at most 24 hours ago.
        case oldest
        /// With what comes.
        case latest
    }

    /// Changes of one call, at most: 1 to 10,000.
    public static let batchSizes = 1...10_000

    /// Where a follower begins whose name is new; one that is known goes on where it was.
    public var start = Start.oldest
    /// Changes of one call, at most.
    public var batchSize = 100
    /// How often a batch comes again that could not be taken; nil is for ever.
    ///
    /// Waits between are 100 ms at first, twice as long each time, at most 30 s.
    public var retries: Int?
    /// How old a change may be that comes again; nil is as old as it gets.
    public var maximumAge: Duration?
    /// Whether a batch that could not be taken is split in two, until what cannot be taken stands alone.
    public var splits = true
    /// Is told of changes that are given up, with the last error; what it writes happens with the note that they are.
    ///
    /// Nil lets them go. Where it throws, it is asked again a second later.
    public var onGivingUp: GivingUp?

    /// What is told of changes that are given up.
    public typealias GivingUp =
        @Sendable (
            _ changes: [ChangeRecord],
            _ error: any Error,
            _ transaction: inout TransactionBuilder
        ) async throws -> Void

    /// The usual ones: from the oldest change on, 100 at a time, tried for ever.
    public init() {}

    var rules: BatchProgress.Rules {
        BatchProgress.Rules(
            retries: retries.map { max(0, $0) },
            ageMilliseconds: maximumAge.map { $0.wholeMilliseconds },
            splits: splits
        )
    }
}

extension Duration {
    /// Milliseconds, cut off; the largest number where there are more.
    fileprivate var wholeMilliseconds: Int64 {
        let (seconds, attoseconds) = components
        let (product, overflows) = seconds.multipliedReportingOverflow(by: 1_000)
        return overflows ? .max : product + attoseconds / 1_000_000_000_000_000
    }
}
