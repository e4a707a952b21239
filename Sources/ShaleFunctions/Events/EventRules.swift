internal import ShaleItems

/// What becomes of an event, by how its invocation ended: a value.
struct EventRules: Sendable, Equatable {
    /// How often an event comes again: 0 to 2.
    var retries = 2
    /// How old an event may get.
    var ageMilliseconds: Int64 = 21_600_000
    /// Where what was handled, and what was given up, is told; nil is nowhere.
    var onSuccess: String?
    var onFailure: String?

    /// As it is where nothing is configured.
    init() {}

    /// Reads what is configured.
    init(_ fields: Item) {
        retries = fields["MaximumRetryAttempts"]?.numberValue?.intValue ?? retries
        if let seconds = fields["MaximumEventAgeInSeconds"]?.numberValue?.intValue {
            ageMilliseconds = Int64(seconds) * 1_000
        }
        let destinations = fields["DestinationConfig"]?.mapValue
        onSuccess = destinations?["OnSuccess"]?.mapValue?["Destination"]?.stringValue
        onFailure = destinations?["OnFailure"]?.mapValue?["Destination"]?.stringValue
    }

    /// How an invocation ended.
    enum Ending: Sendable, Equatable {
        case done, failed
        /// It did not run.
        case refused
    }

    /// What becomes of the event.
    enum Fate: Sendable, Equatable {
        case handled
        /// It comes again after so many milliseconds.
        case again(after: Int64)
        case givenUp(String)
    }

    /// The waits before the first and the second retry.
    private static let waits: [Int64] = [60_000, 120_000]
    /// The wait after the first refusal, and the longest: it doubles.
    private static let refusalWaits: (first: Int64, longest: Int64) = (1_000, 300_000)

    /// What becomes of an event.
    ///
    /// - Parameters:
    ///   - ending: How its invocation ended.
    ///   - failures: How often the function has failed, this time included.
    ///   - refusals: How often it did not run, this time included.
    ///   - age: How old the event is, in milliseconds.
    /// - Returns: What becomes of it.
    func fate(_ ending: Ending, failures: Int, refusals: Int, age: Int64) -> Fate {
        let wait: Int64
        switch ending {
        case .done: return .handled
        case .failed:
            guard failures <= retries else { return .givenUp("RetriesExhausted") }
            wait = Self.waits[min(failures, Self.waits.count) - 1]
        case .refused:
            let doubled = Self.refusalWaits.first << Int64(min(20, max(0, refusals - 1)))
            wait = min(doubled, Self.refusalWaits.longest)
        }
        return age + wait > ageMilliseconds ? .givenUp("EventAgeExceeded") : .again(after: wait)
    }
}
