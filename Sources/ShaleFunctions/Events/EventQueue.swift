internal import Synchronization

/// The events that wait, by when they are due: names alone, their payloads are on the disk.
struct EventQueue {
    /// Events that run at the same time.
    private static let running = 64
    /// Events that wait.
    static let waiting = 100_000

    private var due: Set<WaitingEvent.Name> = []
    private var ready: [WaitingEvent.Name] = []
    private(set) var running = 0
    var isStopped = false

    /// How many wait or run.
    var count: Int { due.count + ready.count + running }

    /// Adds one that waits for its time.
    mutating func add(_ name: WaitingEvent.Name) { due.insert(name) }

    /// Takes note that the time of one has come; answers which are to run now.
    mutating func comes(_ name: WaitingEvent.Name) -> [WaitingEvent.Name] {
        if due.remove(name) != nil { ready.append(name) }
        return take()
    }

    /// Takes note that one has ended; answers which are to run now.
    mutating func ended() -> [WaitingEvent.Name] {
        running -= 1
        return take()
    }

    private mutating func take() -> [WaitingEvent.Name] {
        guard !isStopped else { return [] }
        let count = min(Self.running - running, ready.count)
        guard count > 0 else { return [] }
        let taken = Array(ready.prefix(count))
        ready.removeFirst(count)
        running += count
        return taken
    }
}
