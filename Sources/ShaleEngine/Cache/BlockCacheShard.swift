internal import ShaleBytes

/// One shard of the block cache: which blocks stay, which go.
///
/// No lock, no clock.
///
/// Two queues in the order of insertion. A new block enters *probation*; what is evicted from there
/// without having been hit again is forgotten, but its key is remembered for a while as a ghost. A block
/// that was hit meanwhile, or that comes back as a ghost, moves to *residence*, which evicts like
/// a clock: a block that was hit since it was last looked at goes around again. So a scan, which
/// reads each block once, passes through probation (a tenth of the bytes) and leaves residents alone.
struct BlockCacheShard: Sendable {
    private enum Queue: Sendable { case probation, residence }

    /// A place of a block in a queue; free where it has no frame.
    private struct Slot: Sendable {
        var frame: Frame?
        var charge = 0
        var queue = Queue.probation
        var previous = -1
        var next = -1
    }

    /// A doubly linked list through the slots; new ones at the head.
    private struct List: Sendable {
        var head = -1
        var tail = -1
        var bytes = 0
    }

    private var slots: [Slot] = []
    private var free: [Int] = []
    /// Evicted, and still in the index of frames.
    private var dropped: [Frame] = []
    private var probation = List()
    private var residence = List()
    private var ghosts = GhostKeys()
    private(set) var statistics = BlockCache.Statistics()

    init(capacityBytes: Int) { statistics.capacityBytes = capacityBytes }

    /// Whether a block of this size is kept: one that would push out most of the shard is better read
    /// again.
    func admits(_ charge: Int) -> Bool { charge <= statistics.capacityBytes / 2 }

    /// Takes in a frame that is not here.
    mutating func insert(_ frame: Frame) {
        let mixed = BlockCache.Key(rawValue: frame.key).mixed
        let slot = Slot(frame: frame, charge: frame.chargeBytes)
        let index: Int
        if let reused = free.popLast() {
            index = reused
            slots[index] = slot
        } else {
            index = slots.count
            slots.append(slot)
        }
        link(index, ghosts.remove(mixed) ? .residence : .probation)
        statistics.insertions += 1
        statistics.blockCount += 1
        statistics.bytes += slot.charge
        evictSurplus()
    }

    /// What was evicted since this was last asked; the caller takes it out of the index.
    mutating func takeDropped() -> [Frame] {
        defer { dropped = [] }
        return dropped
    }

    /// Gives all frames away.
    mutating func takeAll() -> [Frame] {
        let frames = slots.compactMap(\.frame) + dropped
        self = BlockCacheShard(capacityBytes: statistics.capacityBytes)
        return frames
    }

    mutating func removeAll(of file: FileNumber) {
        for index in slots.indices {
            if let frame = slots[index].frame, BlockCache.Key(rawValue: frame.key).isOf(file) {
                drop(index)
            }
        }
    }

    mutating func setCapacity(_ bytes: Int) {
        statistics.capacityBytes = bytes
        evictSurplus()
    }

    private mutating func evictSurplus() {
        while statistics.bytes > statistics.capacityBytes {
            if probation.tail >= 0,
                residence.tail < 0 || probation.bytes > statistics.capacityBytes / 10
            {
                evictFromProbation()
            } else if residence.tail >= 0 {
                evictFromResidence()
            } else {
                return
            }
        }
        ghosts.trim(to: max(statistics.blockCount, 16))
    }

    private mutating func evictFromProbation() {
        let index = probation.tail
        guard let frame = slots[index].frame else { preconditionFailure("a queue holds frames") }
        guard frame.hits == 0 else {
            unlink(index)
            frame.hits = 0
            link(index, .residence)
            return
        }
        ghosts.insert(BlockCache.Key(rawValue: frame.key).mixed)
        drop(index)
        statistics.evictions += 1
    }

    private mutating func evictFromResidence() {
        let index = residence.tail
        guard let frame = slots[index].frame else { preconditionFailure("a queue holds frames") }
        guard frame.hits == 0 else {
            unlink(index)
            frame.hits -= 1
            link(index, .residence)
            return
        }
        drop(index)
        statistics.evictions += 1
    }

    private mutating func drop(_ index: Int) {
        guard let frame = slots[index].frame else { return }
        unlink(index)
        statistics.blockCount -= 1
        statistics.bytes -= slots[index].charge
        slots[index].frame = nil
        free.append(index)
        dropped.append(frame)
    }

    private mutating func link(_ index: Int, _ queue: Queue) {
        var list = queue == .probation ? probation : residence
        slots[index].queue = queue
        slots[index].previous = -1
        slots[index].next = list.head
        if list.head >= 0 { slots[list.head].previous = index } else { list.tail = index }
        list.head = index
        list.bytes += slots[index].charge
        if queue == .probation { probation = list } else { residence = list }
    }

    private mutating func unlink(_ index: Int) {
        let slot = slots[index]
        var list = slot.queue == .probation ? probation : residence
        if slot.previous >= 0 {
            slots[slot.previous].next = slot.next
        } else {
            list.head = slot.next
        }
        if slot.next >= 0 {
            slots[slot.next].previous = slot.previous
        } else {
            list.tail = slot.previous
        }
        list.bytes -= slot.charge
        if slot.queue == .probation { probation = list } else { residence = list }
    }
}

/// Keys of blocks that were evicted from probation, the oldest forgotten first.
private struct GhostKeys: Sendable {
    private var order: [UInt64] = []
    private var start = 0
    private var present: Set<UInt64> = []

    mutating func insert(_ key: UInt64) {
        if present.insert(key).inserted { order.append(key) }
    }

    /// Whether the key was there.
    ///
    /// Its place in the order stays and is passed over later.
    mutating func remove(_ key: UInt64) -> Bool { present.remove(key) != nil }

    mutating func trim(to count: Int) {
        while order.count - start > count {
            present.remove(order[start])
            start += 1
        }
        if start > 64, start > order.count / 2 {
            order.removeFirst(start)
            start = 0
        }
    }
}
