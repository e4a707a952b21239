internal import ShaleItems

/// What becomes of a firing that could not start its target: a value.
struct RetryRules: Sendable, Equatable {
    /// How often it is tried again.
    var retries = ScheduleLimits.retries
    /// How old it may get, in milliseconds since its scheduled time.
    var ageMilliseconds = Int64(ScheduleLimits.eventAgeSeconds) * 1_000

    /// The wait before the first and the longest: it doubles.
    private static let waits: (first: Int64, longest: Int64) = (1_000, 300_000)

    /// Reads a `RetryPolicy`.
    init(_ policy: Item) {
        retries = policy["MaximumRetryAttempts"]?.numberValue?.intValue ?? retries
        if let seconds = policy["MaximumEventAgeInSeconds"]?.numberValue?.intValue {
            ageMilliseconds = Int64(seconds) * 1_000
        }
    }

    /// When one that has failed is tried again; nil is never.
    ///
    /// - Parameters:
    ///   - attempt: Which attempt has failed: 0 is the first.
    ///   - scheduled: When it was due.
    ///   - now: Milliseconds since 1970-01-01 UTC, as all times here.
    /// - Returns: A time.
    func next(after attempt: Int, scheduled: Int64, now: Int64) -> Int64? {
        guard attempt < retries else { return nil }
        let wait = min(Self.waits.first << Int64(min(20, attempt)), Self.waits.longest)
        return now + wait - scheduled > ageMilliseconds ? nil : now + wait
    }
}
