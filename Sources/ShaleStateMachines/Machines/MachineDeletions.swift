/// The machines that go with the last of their executions, and which execution each waits for: a value.
///
/// Somebody looks for an execution that runs; its end is the time of the next look. An execution that ends while somebody looks
/// may be the one that is found, so ends are remembered for as long as a look takes.
///
/// - Invariant: A machine is waited for by one look or for one execution.
struct MachineDeletions: Sendable {
    private enum Phase {
        /// Nobody has looked yet, or could not.
        case idle
        case looking(ended: Set<String>)
        case waiting(for: String)
    }

    private var phases: [String: Phase] = [:]

    func holds(_ machine: String) -> Bool { phases[machine] != nil }

    mutating func begin(_ machine: String) {
        if phases[machine] == nil { phases[machine] = .idle }
    }

    /// The machine is gone.
    mutating func end(_ machine: String) { phases[machine] = nil }

    /// Begins a look; false where somebody else looks, or there is nothing to look for.
    mutating func look(_ machine: String) -> Bool {
        switch phases[machine] {
        case nil, .looking: return false
        case .idle, .waiting:
            phases[machine] = .looking(ended: [])
            return true
        }
    }

    /// Ends a look that could not look.
    mutating func giveUpLook(_ machine: String) {
        if phases[machine] != nil { phases[machine] = .idle }
    }

    /// Ends a look that has found an execution; false where that has ended meanwhile, and the look goes on.
    mutating func wait(for execution: String, of machine: String) -> Bool {
        guard case .looking(let ended) = phases[machine], ended.contains(execution) else {
            phases[machine] = .waiting(for: execution)
            return true
        }
        phases[machine] = .looking(ended: [])
        return false
    }

    /// Takes note that an execution has ended; answers whether that is the time to look.
    mutating func ended(_ execution: String, of machine: String) -> Bool {
        switch phases[machine] {
        case nil, .idle: return false
        case .waiting(let awaited): return awaited == execution
        case .looking(var ended):
            phases[machine] = .idle
            ended.insert(execution)
            phases[machine] = .looking(ended: ended)
            return false
        }
    }
}
