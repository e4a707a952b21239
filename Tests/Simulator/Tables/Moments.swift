internal import Synchronization

/// Moments in order, each used once: when calls begin and end.
final class Moments: Sendable {
    private let last = Atomic<Int>(0)
    func next() -> Int { last.add(1, ordering: .sequentiallyConsistent).newValue }

    private let tried = Atomic<Int>(0)
    /// Counts one more call.
    func call() { tried.add(1, ordering: .relaxed) }
    /// How many calls there were.
    var callCount: Int { tried.load(ordering: .relaxed) }
}

/// What clients did, in words, where they are kept.
final class CallLog: Sendable {
    private let lines = Mutex<[String]>([])
    private let isKept: Bool

    init(isKept: Bool) { self.isKept = isKept }

    /// Adds a line, which is only made where lines are kept.
    func add(_ line: @autoclosure () -> String) {
        guard isKept else { return }
        let text = line()
        lines.withLock { $0.append(text) }
    }

    var all: [String] { lines.withLock { $0 } }
}
