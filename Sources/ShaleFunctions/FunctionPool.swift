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

    /// Counts an invocation in, or says why it may not run.
    mutating func enter(_ name: String) throws(FunctionError) {
        let mine = running[name] ?? 0
        if let most = reserved[name] {
            guard mine < most else {
                throw FunctionError(
                    .tooManyRequests,
                    "Rate Exceeded.",
                    reason: "ReservedFunctionConcurrentInvocationLimitExceeded"
                )
            }
        } else {
            let kept = reserved.values.reduce(0, +)
            let others = reserved.keys.reduce(0) { $0 + (running[$1] ?? 0) }
            guard total - others < FunctionLimits.concurrency - kept else {
                throw FunctionError(
                    .tooManyRequests,
                    "Rate Exceeded.",
                    reason: "ConcurrentInvocationLimitExceeded"
                )
            }
        }
        running[name] = mine + 1
        total += 1
    }

    /// Counts it out.
    mutating func leave(_ name: String) {
        let mine = (running[name] ?? 1) - 1
        running[name] = mine == 0 ? nil : mine
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
