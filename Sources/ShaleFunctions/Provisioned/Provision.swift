/// Environments of a version that are kept ready: how many, and how far that is.
///
/// A value: whoever starts environments asks whether one is missing, and tells what became of it.
///
/// Behind a failure one alone is started after a second, and after twice as long each time that fails again, at most a minute:
/// code that cannot initialise costs a process a minute, and what the machine lacked for a moment is there again.
package struct Provision: Sendable, Equatable {
    /// How far it is, in the service's words.
    package enum Status: String, Sendable {
        case inProgress = "IN_PROGRESS"
        case ready = "READY"
        case failed = "FAILED"
    }

    /// How many are to be ready.
    package var requested: Int
    /// How many are being started.
    var starting = 0
    /// How many invocations run in what is theirs.
    var busy = 0
    /// Why the last could not be started; nil where it could.
    package private(set) var failure: String?
    /// How many could not, one after the other.
    private var failures = 0
    /// When the next is started behind a failure, in nanoseconds of the monotonic clock.
    private var retry: UInt64 = 0
    private static let longestSeconds: UInt64 = 60

    /// None is there.
    init(requested: Int) { self.requested = requested }

    /// Whether one more is to be started, of which so many are there: waiting or running.
    func isShort(of present: Int, at now: UInt64) -> Bool {
        guard present + starting < requested else { return false }
        return failure == nil || (starting == 0 && now >= retry)
    }

    /// How far it is, of which so many are there: while another start is tried it is in progress again.
    package func status(_ present: Int) -> Status {
        if present >= requested { return .ready }
        return failure == nil || starting > 0 ? .inProgress : .failed
    }

    /// Notes that one could not be started.
    ///
    /// - Returns: How long is waited before the next; nil where that has been said of starts that were under way together.
    mutating func fail(_ reason: String, at now: UInt64) -> Duration? {
        let isFirst = failure == nil || now >= retry
        failure = reason
        guard isFirst else { return nil }
        let seconds = min(Self.longestSeconds, 1 << UInt64(min(failures, 6)))
        failures += 1
        retry = now + seconds * 1_000_000_000
        return .seconds(Int64(seconds))
    }

    /// Notes that one could be started; answers whether that was in doubt.
    mutating func succeed() -> Bool {
        defer { (failure, failures) = (nil, 0) }
        return failure != nil
    }
}
