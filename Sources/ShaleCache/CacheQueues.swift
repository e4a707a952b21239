internal import ShaleBytes

/// Which entries of a shard stay and which go.
///
/// No lock, no clock.
///
/// A new entry enters the *window*, a queue of a hundredth of the bytes. What leaves it asks for admission to
/// *residence*: it must have been asked for more often lately than whoever would have to go for it, as the
/// sketch says; so what is asked for once passes by, and what is asked for again and again stays. This is
/// W-TinyLFU without its lists of latest use: a hit only adds to a counter in the entry, and takes no lock. The counters
/// go into the sketch when the queues are gone through: an entry that was used goes around again, as with a clock, and the
/// first that was not is whoever would have to go. To look for the rarest of several instead was measured to be worse: at the low
/// end, where halved counters are zero, everybody new would win.
struct CacheQueues: Sendable {
    private enum Queue: Sendable { case window, residence }

    private struct Place: Sendable {
        var entry: CacheEntry?
        var queue = Queue.window
        var previous = -1
        var next = -1
    }

    /// A doubly linked list through the places; new ones at the head.
    private struct List: Sendable {
        var head = -1
        var tail = -1
        var bytes = 0
    }

    /// The window's part of the bytes.
    private static let windowPart = 100
    /// Uses are remembered for ten times as many as there are entries.
    private static let windowPerEntry = 10

    private var places: [Place] = []
    private var free: [Int] = []
    private var window = List()
    private var residence = List()
    private var sketch: FrequencySketch
    private(set) var capacityBytes: Int
    private(set) var count = 0

    /// Queues for so many bytes of entries.
    init(capacityBytes: Int) {
        self.capacityBytes = capacityBytes
        sketch = FrequencySketch(keys: capacityBytes / CacheEntry.overheadBytes)
    }

    /// What all entries take.
    var bytes: Int { window.bytes + residence.bytes }

    private var memory: Int { Self.windowPerEntry * max(count, 64) }

    /// Whether an entry of this size is kept at all: one that would push out a large part of a shard is not.
    func admits(_ charge: Int) -> Bool { charge <= capacityBytes / 4 }

    /// Counts a use of a key that is not here.
    mutating func noteMiss(_ hash: UInt64) { sketch.add(hash, window: memory) }

    /// Takes an entry in.
    mutating func insert(_ entry: CacheEntry) {
        let index: Int
        if let reused = free.popLast() {
            index = reused
        } else {
            index = places.count
            places.append(Place())
        }
        places[index].entry = entry
        entry.place = index
        count += 1
        link(index, .window)
    }

    /// Takes an entry out that is here.
    mutating func remove(_ entry: CacheEntry) {
        let index = entry.place
        precondition(index >= 0, "what is removed is here")
        unlink(index)
        places[index].entry = nil
        entry.place = -1
        count -= 1
        free.append(index)
    }

    /// The entries of one space.
    /// - Complexity: O(entries).
    func entries(of space: UInt64) -> [CacheEntry] {
        places.compactMap { place in place.entry.flatMap { $0.space == space ? $0 : nil } }
    }

    /// Changes the bound; the surplus goes with the next `popSurplus`.
    mutating func setCapacity(_ bytes: Int) { capacityBytes = bytes }

    /// Takes out an entry for which there is no room, if there is one.
    ///
    /// - Returns: the entry, and whether it was refused admission, and not evicted after it.
    mutating func popSurplus() -> (entry: CacheEntry, isRefused: Bool)? {
        while window.bytes > capacityBytes / Self.windowPart, bytes <= capacityBytes {
            // There is room behind the window.
            settle(window.tail)
            move(window.tail, .residence)
        }
        guard bytes > capacityBytes else { return nil }
        let victim = nextVictim()
        guard window.tail >= 0, window.bytes > capacityBytes / Self.windowPart || victim < 0 else {
            return pop(victim, isRefused: false)
        }
        let candidate = window.tail
        settle(candidate)
        guard victim >= 0, frequency(candidate) > frequency(victim) else {
            return pop(candidate, isRefused: true)
        }
        return pop(victim, isRefused: false)
    }

    private mutating func pop(
        _ index: Int,
        isRefused: Bool
    ) -> (entry: CacheEntry, isRefused: Bool)? {
        guard index >= 0, let entry = places[index].entry else { return nil }
        remove(entry)
        return (entry, isRefused)
    }

    private func frequency(_ index: Int) -> Int {
        places[index].entry.map { sketch.frequency($0.hash) } ?? 0
    }

    /// Writes the uses of an entry into the sketch.
    /// - Returns: whether there were any.
    @discardableResult
    private mutating func settle(_ index: Int) -> Bool {
        guard let entry = places[index].entry else { return false }
        let uses = entry.takeUses()
        sketch.add(entry.hash, uses, window: memory)
        return uses > 0
    }

    /// The resident who would have to go, at the tail; -1 if there is none.
    ///
    /// Those that were used since they were last looked at go around first.
    private mutating func nextVictim() -> Int {
        var steps = count
        while residence.tail >= 0, steps > 0, settle(residence.tail) {
            steps -= 1
            move(residence.tail, .residence)
        }
        return residence.tail
    }

    private mutating func move(_ index: Int, _ queue: Queue) {
        unlink(index)
        link(index, queue)
    }

    private mutating func link(_ index: Int, _ queue: Queue) {
        var list = queue == .window ? window : residence
        places[index].queue = queue
        places[index].previous = -1
        places[index].next = list.head
        if list.head >= 0 { places[list.head].previous = index } else { list.tail = index }
        list.head = index
        list.bytes += places[index].entry?.chargeBytes ?? 0
        if queue == .window { window = list } else { residence = list }
    }

    private mutating func unlink(_ index: Int) {
        let place = places[index]
        var list = place.queue == .window ? window : residence
        if place.previous >= 0 {
            places[place.previous].next = place.next
        } else {
            list.head = place.next
        }
        if place.next >= 0 {
            places[place.next].previous = place.previous
        } else {
            list.tail = place.previous
        }
        list.bytes -= place.entry?.chargeBytes ?? 0
        if place.queue == .window { window = list } else { residence = list }
    }
}
