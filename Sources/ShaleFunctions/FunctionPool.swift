/// Environments that wait, and how many invocations run: one value behind one lock.
struct FunctionPool {
    struct Idle {
        var environment: any FunctionEnvironment
        var since: UInt64
    }

    /// By function, version and revision.
    private(set) var idle: [String: [Idle]] = [:]
    private(set) var running: [String: Int] = [:]
    private(set) var total = 0
    var reserved: [String: Int] = [:]
    /// Who may start an environment.
    var starts: StartQueue<CheckedContinuation<InvocationPlace, Never>>

    /// Nothing runs; so many environments initialise at a time.
    init(startsAtOnce: Int = 8) { starts = StartQueue(limit: startsAtOnce) }

    /// What is kept ready, by function, version and revision.
    var provisions: [String: Provision] = [:]
    /// Invocations by function, version and revision.
    private(set) var runningByKey: [String: Int] = [:]

    /// Counts an invocation in, or says why it may not run.
    ///
    /// What is kept ready for a version is its own: it is not taken from the account's share a second time.
    ///
    /// - Returns: Whether it runs in what is kept ready.
    @discardableResult
    mutating func enter(_ name: String, key: String = "") throws(FunctionError) -> Bool {
        let mine = running[name] ?? 0
        let isProvisioned = provisions[key].map { $0.busy < $0.requested } ?? false
        if let most = reserved[name] {
            guard mine < most else {
                throw FunctionError(
                    .tooManyRequests,
                    "Rate Exceeded.",
                    reason: "ReservedFunctionConcurrentInvocationLimitExceeded"
                )
            }
        } else if !isProvisioned {
            guard sharedRunning < sharedMost else {
                throw FunctionError(
                    .tooManyRequests,
                    "Rate Exceeded.",
                    reason: "ConcurrentInvocationLimitExceeded"
                )
            }
        }
        if isProvisioned { provisions[key]?.busy += 1 }
        running[name] = mine + 1
        runningByKey[key, default: 0] += 1
        total += 1
        return isProvisioned
    }

    /// Invocations that run in the share of those who have nothing for themselves.
    private var sharedRunning: Int {
        let others = reserved.keys.reduce(0) { $0 + (running[$1] ?? 0) }
        return total - others - sharedProvisions.reduce(0) { $0 + $1.busy }
    }

    /// How large that share is.
    private var sharedMost: Int {
        FunctionLimits.concurrency - reserved.values.reduce(0, +)
            - sharedProvisions.reduce(0) { $0 + $1.requested }
    }

    private var sharedProvisions: [Provision] {
        provisions.filter { !isReserved($0.key) }.map(\.value)
    }

    /// Whether what has this key is of a function with concurrency of its own.
    func isReserved(_ key: String) -> Bool { reserved[String(key.prefix { $0 != "/" })] != nil }

    /// Counts it out.
    mutating func leave(_ name: String, key: String = "", isProvisioned: Bool = false) {
        let mine = (running[name] ?? 1) - 1
        running[name] = mine == 0 ? nil : mine
        let same = (runningByKey[key] ?? 1) - 1
        runningByKey[key] = same == 0 ? nil : same
        if isProvisioned, let busy = provisions[key]?.busy {
            provisions[key]?.busy = max(0, busy - 1)
        }
        total -= 1
    }

    /// The environment that was used last, so that the others grow old.
    mutating func take(_ key: String) -> (any FunctionEnvironment)? {
        while let last = idle[key]?.popLast() {
            if last.environment.isAlive { return last.environment }
        }
        idle[key] = nil
        return nil
    }

    mutating func give(_ environment: any FunctionEnvironment, _ key: String, now: UInt64) {
        guard environment.isAlive else { return }
        idle[key, default: []].append(Idle(environment: environment, since: now))
    }

    // MARK: What is kept ready

    /// How many environments are there: waiting or running.
    func present(_ key: String) -> Int {
        let waiting = idle[key]?.count { $0.environment.isAlive } ?? 0
        return waiting + (runningByKey[key] ?? 0)
    }

    /// Says how many are to be kept ready of a function's versions, and of no others of it.
    mutating func provide(_ counts: [String: Int], for name: String) {
        for key in provisions.keys where key.hasPrefix(name + "/") && counts[key] == nil {
            provisions[key] = nil
        }
        for (key, count) in counts {
            if provisions[key] == nil {
                var provision = Provision(requested: count)
                provision.busy = min(count, runningByKey[key] ?? 0)
                provisions[key] = provision
            }
            provisions[key]?.requested = count
        }
    }

    /// Whether one is to be started; it is counted then until `endStart`.
    mutating func beginStart(_ key: String, now: UInt64) -> Bool {
        guard let provision = provisions[key], provision.isShort(of: present(key), at: now) else {
            return false
        }
        provisions[key]?.starting += 1
        return true
    }

    /// What follows a start.
    struct EndedStart {
        /// An environment that nobody wants any more.
        var unwanted: (any FunctionEnvironment)?
        /// After how long the next is tried.
        var retry: Duration?
        /// Whether others that wait for this one may be started now.
        var hasRecovered = false
    }

    /// Takes what was started, or notes why it was not.
    mutating func endStart(
        _ result: Result<any FunctionEnvironment, FunctionError>,
        _ key: String,
        now: UInt64
    ) -> EndedStart {
        if let starting = provisions[key]?.starting {
            provisions[key]?.starting = max(0, starting - 1)
        }
        switch result {
        case .failure(let error):
            return EndedStart(retry: provisions[key]?.fail(error.message, at: now))
        case .success(let environment):
            let hasRecovered = provisions[key]?.succeed() ?? false
            guard let provision = provisions[key], present(key) < provision.requested else {
                return EndedStart(unwanted: environment)
            }
            give(environment, key, now: now)
            return EndedStart(hasRecovered: hasRecovered)
        }
    }

    /// Takes out those that have waited since before a time, but for what is kept ready.
    mutating func removeOld(before time: UInt64) -> [any FunctionEnvironment] {
        var gone: [any FunctionEnvironment] = []
        for (key, waiting) in idle {
            let kept = max(0, (provisions[key]?.requested ?? 0) - (runningByKey[key] ?? 0))
            // The last ones were used last.
            let alive = waiting.filter(\.environment.isAlive)
            let fresh = alive.suffix(kept)
            let rest = alive.dropLast(fresh.count)
            gone += rest.filter { $0.since <= time }.map(\.environment)
            let left = rest.filter { $0.since > time } + fresh
            idle[key] = left.isEmpty ? nil : left
        }
        return gone
    }

    /// Takes out those that have waited since before a time, or whose key begins so.
    mutating func removeAll(
        where isUnwanted: (_ key: String, _ since: UInt64) -> Bool
    ) -> [any FunctionEnvironment] {
        var gone: [any FunctionEnvironment] = []
        for (key, waiting) in idle {
            gone += waiting.filter { isUnwanted(key, $0.since) }.map(\.environment)
            let kept = waiting.filter { !isUnwanted(key, $0.since) }
            idle[key] = kept.isEmpty ? nil : kept
        }
        return gone
    }
}
