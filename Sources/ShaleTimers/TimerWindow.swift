internal import ShaleItems

/// The next timers of one owner, out of as many as wait on the disk: a value.
///
/// What is behind the horizon is on the disk alone. All that is before it is here: it waits for its time, or
/// its owner was told and has not answered. So the table is read from the horizon on, and never over what was
/// deleted in front of it.
struct TimerWindow {
    /// How far the timers in memory reach.
    enum Horizon: Equatable {
        /// Nothing was read yet.
        case start
        /// This one and what follows it are on the disk alone.
        case at(Timer.Name)
        /// Nothing is on the disk alone.
        case end
    }

    private struct Waiting {
        let timer: Timer
        /// When to tell it: its due time, or later where the owner said so.
        let time: Int64

        func isBefore(_ other: Waiting) -> Bool {
            time != other.time ? time < other.time : timer.name.isBefore(other.timer.name)
        }
    }

    /// A reading of the table that is under way, and what happened meanwhile.
    private struct Reading {
        var set: [Timer.Name: Timer] = [:]
        var gone: Set<Timer.Name> = []
        /// The horizon has come nearer, so what is read is not what follows it.
        var isVoid = false
    }

    private let limit: Int
    /// The latest first, so that the next is taken from the end.
    private var waiting: [Waiting] = []
    /// Waiting longer than to their due time, which the horizon does not tell of.
    private var delayed: Set<Timer.Name> = []
    private var told: Set<Timer.Name> = []
    private(set) var horizon = Horizon.start
    private var reading: Reading?

    /// A window that holds about `limit` timers, never more than twice as many and those that were told.
    init(limit: Int = TimerLimits.window) { self.limit = limit }

    /// How many are in memory.
    var count: Int { waiting.count + told.count }

    /// The time of the next one; nil where none waits in memory.
    var next: Int64? { waiting.last?.time }

    /// Whether more is to be read from the disk.
    var needsReading: Bool { reading == nil && horizon != .end && waiting.count <= limit / 4 }

    // MARK: Setting

    /// Takes note of a timer that is in the table now.
    mutating func set(_ timer: Timer) {
        reading?.gone.remove(timer.name)
        reading?.set[timer.name] = timer
        guard !told.contains(timer.name), reaches(timer.name) else { return }
        remove(timer.name)
        insert(Waiting(timer: timer, time: timer.name.due))
        shrink()
    }

    /// Takes note of a timer that is no longer in the table.
    ///
    /// It changes nothing for one that its owner was told of.
    mutating func cancel(_ name: Timer.Name) {
        reading?.set[name] = nil
        reading?.gone.insert(name)
        remove(name)
    }

    private func reaches(_ name: Timer.Name) -> Bool {
        switch horizon {
        case .start: false
        case .at(let behind): name.isBefore(behind)
        case .end: true
        }
    }

    private mutating func insert(_ new: Waiting) {
        waiting.insert(new, at: place(of: new))
    }

    /// Behind all that are later.
    private func place(of new: Waiting) -> Int {
        var range = 0..<waiting.count
        while !range.isEmpty {
            let middle = range.lowerBound + range.count / 2
            range =
                new.isBefore(waiting[middle])
                ? middle + 1..<range.upperBound : range.lowerBound..<middle
        }
        return range.lowerBound
    }

    private mutating func remove(_ name: Timer.Name) {
        if delayed.remove(name) != nil {
            waiting.removeAll { $0.timer.name == name }
            return
        }
        let at = place(of: Waiting(timer: Timer(name), time: name.due))
        // The place is that of an equal one, if there is any.
        if at < waiting.count, waiting[at].timer.name == name { waiting.remove(at: at) }
    }

    /// Leaves the latest to the disk where there are too many.
    private mutating func shrink() {
        guard waiting.count > limit * 2 else { return }
        let leaving = waiting.prefix(waiting.count - limit).filter {
            !delayed.contains($0.timer.name)
        }
        guard let nearest = leaving.last?.timer.name else { return }
        let names = Set(leaving.map(\.timer.name))
        waiting.removeAll { names.contains($0.timer.name) }
        horizon = .at(nearest)
        reading?.isVoid = true
    }

    // MARK: Telling

    /// Takes those whose time has come, in their order.
    mutating func take(at now: Int64, most: Int) -> [Timer] {
        var taken: [Timer] = []
        while taken.count < most, let next = waiting.last, next.time <= now {
            waiting.removeLast()
            delayed.remove(next.timer.name)
            told.insert(next.timer.name)
            taken.append(next.timer)
        }
        return taken
    }

    /// Takes note that a timer's owner has answered, and the timer is no longer in the table.
    mutating func settle(_ name: Timer.Name) {
        told.remove(name)
        reading?.gone.insert(name)
    }

    /// Takes note that a timer's owner wants to be told later: it stays in the table.
    mutating func delay(_ timer: Timer, until time: Int64) {
        told.remove(timer.name)
        delayed.insert(timer.name)
        insert(Waiting(timer: timer, time: time))
    }

    // MARK: Reading

    /// Begins to read; answers the sort key from which to, nil for the first.
    mutating func beginReading() -> String? {
        precondition(needsReading, "one reading at a time")
        reading = Reading()
        if case .at(let name) = horizon { return name.place }
        return nil
    }

    /// Takes what was read.
    ///
    /// - Parameters:
    ///   - found: In order, from where `beginReading` said.
    ///   - next: The first that was not read; nil where none is left.
    mutating func read(_ found: [Timer], upTo next: Timer.Name?) {
        guard let reading else { preconditionFailure("a reading was begun") }
        self.reading = nil
        guard !reading.isVoid else { return }
        var new = reading.set.filter { !reaches($0.key) }
        horizon = next.map { .at($0) } ?? .end
        new = new.filter { reaches($0.key) }
        for timer in found where new[timer.name] == nil && !reading.gone.contains(timer.name) {
            new[timer.name] = timer
        }
        waiting += new.values.filter { !told.contains($0.name) && !delayed.contains($0.name) }
            .map { Waiting(timer: $0, time: $0.name.due) }
        waiting.sort { $1.isBefore($0) }
        shrink()
    }

    /// Takes note that nothing could be read.
    mutating func failReading() { reading = nil }
}
