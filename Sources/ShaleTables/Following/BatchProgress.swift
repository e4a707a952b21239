/// How far a consumer has got with a batch of records, as a value: what comes next, by what was answered.
///
///     [0, 1, 2, 3, 4, 5, 6, 7]   a batch; nothing is done
///     [0 1 2 3][4 5 6 7]         the consumer failed, and batches are split: the first half is next
///     done up to 4 [4 5 6 7]     it answered that all is well
///     done up to 6 [6 7]         it answered that 6 went wrong: that and what follows comes again
///
/// Knows no clock and no consumer: times and answers are arguments. Places are counted from the batch's first record.
package struct BatchProgress: Sendable, Equatable {
    /// What a consumer answered.
    package enum Answer: Sendable, Equatable {
        /// All is done.
        case done
        /// It failed.
        case failed
        /// All before this place is done, and this is not.
        case failedAt(Int)
        /// It did not run, because too many run.
        case throttled
    }

    /// What is to be done.
    package enum Step: Sendable, Equatable {
        /// Give it these records.
        case invoke(Range<Int>)
        /// Wait so many milliseconds, and ask again.
        case wait(Int64)
        /// These are given up: tell the destination, and ask again.
        case giveUp(Range<Int>, Reason)
        /// Nothing is left.
        case end
    }

    /// Why records are given up.
    package enum Reason: String, Sendable {
        case retriesExhausted = "RetryAttemptsExhausted"
        case tooOld = "RecordAgeExceeded"
    }

    /// What is done with what fails.
    package struct Rules: Sendable, Equatable {
        /// How often a batch comes again; nil is for ever.
        package var retries: Int?
        /// How old a record may be; nil is as old as it gets.
        package var ageMilliseconds: Int64?
        /// Whether a batch that fails is split in two.
        package var splits: Bool

        /// Puts rules together.
        package init(retries: Int? = nil, ageMilliseconds: Int64? = nil, splits: Bool = false) {
            self.retries = retries
            self.ageMilliseconds = ageMilliseconds
            self.splits = splits
        }
    }

    /// The first wait after a failure, and the longest.
    private static let waits: (first: Int64, longest: Int64) = (100, 30_000)

    private let rules: Rules
    /// When each record was written.
    private let milliseconds: [Int64]
    private var pending: [Range<Int>]
    private var failures = 0
    private var isWaiting = false
    /// All records before this place are done, or were given up.
    package private(set) var done = 0

    /// A batch of which nothing is done.
    ///
    /// - Parameters:
    ///   - milliseconds: When each record was written.
    ///   - rules: What is done with what fails.
    package init(_ milliseconds: [Int64], _ rules: Rules) {
        self.milliseconds = milliseconds
        self.rules = rules
        pending = milliseconds.isEmpty ? [] : [0..<milliseconds.count]
    }

    /// How often what comes next has failed.
    package var attempts: Int { failures }

    /// What is to be done now.
    package mutating func next(now: Int64) -> Step {
        guard let range = pending.first else { return .end }
        if let most = rules.ageMilliseconds, failures > 0 {
            let old = milliseconds[range].prefix { now - $0 > most }.count
            if old > 0 {
                return .giveUp(range.lowerBound..<(range.lowerBound + old), .tooOld)
            }
        }
        if let retries = rules.retries, failures > retries {
            return .giveUp(range, .retriesExhausted)
        }
        guard !isWaiting else {
            isWaiting = false
            let doubled = Self.waits.first << Int64(min(20, max(0, failures - 1)))
            return .wait(min(doubled, Self.waits.longest))
        }
        return .invoke(range)
    }

    /// Takes note of what the consumer answered to what `next` said.
    package mutating func ended(_ answer: Answer) {
        guard let range = pending.first else { return }
        switch answer {
        case .done: finish(range)
        case .throttled: isWaiting = true
        case .failedAt(let place) where place > range.lowerBound && place < range.upperBound:
            pending[0] = place..<range.upperBound
            done = place
            failures = 0
            isWaiting = true
        case .failed, .failedAt:
            if rules.splits, range.count > 1 {
                let middle = range.lowerBound + range.count / 2
                pending.replaceSubrange(
                    0..<1,
                    with: [range.lowerBound..<middle, middle..<range.upperBound]
                )
                failures = 0
            } else {
                failures += 1
            }
            isWaiting = true
        }
    }

    /// Takes note that the destination knows of records that are given up.
    package mutating func gaveUp(_ gone: Range<Int>) {
        guard let range = pending.first, gone.lowerBound == range.lowerBound else { return }
        guard gone.upperBound < range.upperBound else { return finish(range) }
        pending[0] = gone.upperBound..<range.upperBound
        done = gone.upperBound
    }

    private mutating func finish(_ range: Range<Int>) {
        pending.removeFirst()
        done = range.upperBound
        failures = 0
        isWaiting = false
    }
}
