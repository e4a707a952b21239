/// One stripe of an entry table: its arena, its hash index and, once somebody has asked for it, its
/// order.
///
/// One thread at a time adds, under the lock; any number find meanwhile.
struct TableStripe {
    let control: Place
    private let arena: StripeArena
    private let index: HashIndex
    let order: OrderedIndex

    init(control: Place, pool: ChunkPool) {
        self.control = control
        arena = StripeArena(control: control, pool: pool)
        index = HashIndex(control: control, arena: arena)
        order = OrderedIndex(control: control, arena: arena)
    }

    @inline(__always) func lock() { control.takeLock(StripeControl.lockOffset) }
    @inline(__always) func unlock() { control.giveLock(StripeControl.lockOffset) }

    var allocatedBytes: Int { Int(control.acquire(StripeControl.allocatedOffset)) }
    var isEmpty: Bool { control.half(StripeControl.countOffset) == 0 }

    @inline(__always)
    func find(_ key: LentBytes, _ keyHash: UInt64, before position: UInt64) -> EntryVersion? {
        guard let entry = index.find(key, HashIndex.tag(keyHash)),
            let version = EntryLayout.version(entry, before: position)
        else { return nil }
        return EntryLayout.read(version)
    }

    @inline(__always)
    func prefetch(_ keyHash: UInt64) { index.prefetch(HashIndex.tag(keyHash)) }

    // MARK: Adding

    /// Adds a version; see `EntryTable.add`.
    ///
    /// Under the lock.
    func add(
        _ key: LentBytes,
        _ keyHash: UInt64,
        _ position: UInt64,
        _ value: LentBytes?,
        horizon: () -> UInt64
    ) {
        let tag = HashIndex.tag(keyHash)
        if let entry = index.find(key, tag) {
            addVersion(to: entry, position, value, horizon: horizon)
        } else {
            addEntry(key, tag, position, value)
        }
    }

    private func addEntry(
        _ key: LentBytes,
        _ tag: UInt32,
        _ position: UInt64,
        _ value: LentBytes?
    ) {
        let versionOffset = EntryLayout.keyOffset + EntryLayout.paddedKey(key.count)
        let room = Self.room(value)
        let (entry, reference) = arena.allocate(versionOffset + EntryLayout.valueOffset + room)
        let version = entry.advanced(versionOffset)
        Self.fill(version, position, value, room: room, older: .nowhere)
        entry.store(half: UInt32(key.count), EntryLayout.keyLengthOffset)
        entry.store(half: 0, EntryLayout.pendingOffset)
        entry.copy(key, to: EntryLayout.keyOffset)
        entry.release(version.word, EntryLayout.newestOffset)
        if order.root.isNowhere {
            entry.store(half: control.half(StripeControl.pendingOffset), EntryLayout.pendingOffset)
            control.store(half: reference, StripeControl.pendingOffset)
        } else {
            order.add(entry)
        }
        index.add(reference, tag)
    }

    private func addVersion(
        to entry: Place,
        _ position: UInt64,
        _ value: LentBytes?,
        horizon: () -> UInt64
    ) {
        // Newer versions that are there already: writes may arrive out of order.
        var newer = Place.nowhere
        var older = EntryLayout.newest(entry)
        while !older.isNowhere, EntryLayout.position(older) > position {
            newer = older
            older = EntryLayout.older(older)
        }
        if !older.isNowhere, EntryLayout.position(older) == position {
            // The last write of a batch to the same key wins.
            older = EntryLayout.older(older)
        }
        let room = Self.room(value)
        let version =
            reusable(behind: older, room: room, horizon: horizon)
            ?? fresh(room: room)
        Self.fill(
            version,
            position,
            value,
            room: Int(version.half(EntryLayout.valueRoomOffset)),
            older: older
        )
        if newer.isNowhere {
            entry.release(version.word, EntryLayout.newestOffset)
        } else {
            newer.release(version.word, EntryLayout.olderOffset)
        }
    }

    /// The memory of a version that nobody can see any more: one that has a newer one before the
    /// horizon.
    private func reusable(behind version: Place, room: Int, horizon: () -> UInt64) -> Place? {
        guard !version.isNowhere else { return nil }
        let dead = EntryLayout.older(version)
        guard !dead.isNowhere, Int(dead.half(EntryLayout.valueRoomOffset)) >= room,
            EntryLayout.position(version) < horizon()
        else { return nil }
        // Nobody who may still look goes beyond `version`.
        version.release(0, EntryLayout.olderOffset)
        return dead
    }

    private func fresh(room: Int) -> Place {
        let version = arena.allocate(EntryLayout.valueOffset + room).place
        version.store(half: UInt32(room), EntryLayout.valueRoomOffset)
        return version
    }

    private static func room(_ value: LentBytes?) -> Int {
        guard let value else { return 0 }
        return (value.count + 7) & ~7
    }

    private static func fill(
        _ version: Place,
        _ position: UInt64,
        _ value: LentBytes?,
        room: Int,
        older: Place
    ) {
        version.store(older.word, EntryLayout.olderOffset)
        version.store(
            position | (value == nil ? EntryLayout.tombstone : 0),
            EntryLayout.positionOffset
        )
        version.store(half: UInt32(value?.count ?? 0), EntryLayout.valueLengthOffset)
        version.store(half: UInt32(room), EntryLayout.valueRoomOffset)
        if let value { version.copy(value, to: EntryLayout.valueOffset) }
    }

    // MARK: Order

    /// Brings the entries into order, once; from then on each new one gets its place at once.
    ///
    /// Under the lock.
    func makeOrder() {
        guard order.root.isNowhere else { return }
        var entries: [PendingOrder.Element] = []
        entries.reserveCapacity(Int(control.half(StripeControl.countOffset)))
        var reference = control.half(StripeControl.pendingOffset)
        while reference != 0 {
            let entry = arena.resolve(reference)
            let digest = EntryLayout.key(entry).digest(from: 0)
            entries.append(PendingOrder.Element(digest: digest, entry: entry))
            reference = entry.half(EntryLayout.pendingOffset)
        }
        control.store(half: 0, StripeControl.pendingOffset)
        order.build(PendingOrder.sorted(entries))
    }

    func deallocate() {
        index.deallocate()
        arena.deallocate()
    }
}

/// Sorts entries that were added in any order.
///
/// Nearly all differ in their first eight bytes, a hash. Those that do not are of one partition
/// key: they are compared by eight bytes behind what they share, and only then by all.
enum PendingOrder {
    struct Element {
        var digest: UInt64
        var entry: Place
    }

    static func sorted(_ unsorted: [Element]) -> [Place] {
        var elements = unsorted
        elements.sort { $0.digest < $1.digest }
        var start = 0
        while start < elements.count {
            var end = start + 1
            while end < elements.count, elements[end].digest == elements[start].digest { end += 1 }
            if end - start > 1 { sortGroup(&elements, start..<end) }
            start = end
        }
        return elements.map(\.entry)
    }

    private static func sortGroup(_ elements: inout [Element], _ range: Range<Int>) {
        let first = EntryLayout.key(elements[range.lowerBound].entry)
        var shared = first.count
        for index in range {
            let key = EntryLayout.key(elements[index].entry)
            shared = min(shared, LentBytes.commonPrefix(first, key))
        }
        for index in range {
            elements[index].digest = EntryLayout.key(elements[index].entry).digest(from: shared)
        }
        elements[range].sort { left, right in
            if left.digest != right.digest { return left.digest < right.digest }
            return LentBytes.compare(EntryLayout.key(left.entry), EntryLayout.key(right.entry)) < 0
        }
    }
}
