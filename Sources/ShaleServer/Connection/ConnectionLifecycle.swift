/// What a connection waits for, and until when: a pure value, asked and told by the handler.
///
///     idle → head → body → responding → flushing → idle
///                                              → lingering (answered for the last time)
///
/// A head must be whole by a fixed time from its first byte, so that a client that sends a byte now
/// and then gains nothing. A body and a response must move: each piece sets the time anew. A
/// request that runs has no limit here; what it waits for is on this side.
struct ConnectionLifecycle {
    enum Phase: Equatable {
        case idle, head, body, responding, flushing, lingering
    }

    private(set) var phase = Phase.idle
    /// Whether the connection is to end as soon as no request is under way.
    var isDraining = false
    /// When the phase has lasted too long, in nanoseconds of the monotonic clock.
    private(set) var deadline: UInt64?
    private let limits: HTTPLimits

    init(_ limits: HTTPLimits, now: UInt64) {
        self.limits = limits
        enter(.idle, now: now)
    }

    /// Whether a next request may be looked for.
    var mayParse: Bool { !isAnswering && phase != .lingering }
    /// Whether a response is being made or sent.
    var isAnswering: Bool { phase == .responding || phase == .flushing }

    /// Notes what the connection does now; called again in the same phase when something moved.
    mutating func enter(_ next: Phase, now: UInt64) {
        if next == .head, phase == .head { return }
        phase = next
        let limit: Duration? =
            switch next {
            case .idle: limits.idleTimeout
            case .head: limits.headTimeout
            case .body, .flushing, .lingering: limits.stallTimeout
            case .responding: nil
            }
        deadline = limit.map { now + $0.nanoseconds }
    }

    /// Whether the time is up.
    func hasExpired(now: UInt64) -> Bool {
        deadline.map { $0 <= now } ?? false
    }
}

extension Duration {
    /// Whole nanoseconds; a negative duration is none.
    var nanoseconds: UInt64 {
        let (seconds, attoseconds) = components
        guard seconds >= 0, attoseconds >= 0 else { return 0 }
        return UInt64(seconds) * 1_000_000_000 + UInt64(attoseconds / 1_000_000_000)
    }
}
