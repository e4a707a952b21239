/// What invocations of one function have used since the program started: what is billed of them.
package struct FunctionUsage: Sendable, Equatable {
    /// Invocations, those that failed among them.
    package var requests = 0
    /// Billed milliseconds times megabytes of memory.
    package var megabyteMilliseconds = 0

    /// Adds an invocation.
    mutating func add(_ outcome: InvocationOutcome, megabytes: Int) {
        requests += 1
        megabyteMilliseconds += outcome.billedMilliseconds * megabytes
    }
}

extension InvocationOutcome {
    /// Whole milliseconds, initialising among them, as the service bills them.
    var billedMilliseconds: Int {
        Int((duration + (initialisation ?? 0) + 999_999) / 1_000_000)
    }
}
