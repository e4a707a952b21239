/// Finds the entry of a key by the hash of the whole key: open addressing, one word a slot, so that
/// a key that is not there costs one cache miss, and one that is there two.
///
///     offset  size  field
///          0     8  the index before it, which was too small
///          8     8  number of slots less one; their number is a power of two
///         16   8*n  slots: tag in the high half, reference to the entry in the low half; 0 is free
///
/// The tag is the high half of the hash, and its low bits choose the slot: so an index grows without a
/// look at the entries. Slots are only ever filled, and an index that was replaced stays, so
/// readers need no lock: whoever looks for an entry that he may see finds it.
struct HashIndex {
    private static let headerBytes = 16
    private static let slotBytes = 8
    private static let firstSlots = 8

    let control: Place
    let arena: StripeArena

    /// The half of a hash that the index knows.
    @inline(__always)
    static func tag(_ keyHash: UInt64) -> UInt32 { UInt32(truncatingIfNeeded: keyHash >> 32) }

    /// The entry of a key.
    @inline(__always)
    func find(_ key: LentBytes, _ tag: UInt32) -> Place? {
        let index = Place(word: control.acquire(StripeControl.indexOffset))
        guard !index.isNowhere else { return nil }
        let mask = UInt32(truncatingIfNeeded: index.word(8))
        var slot = tag & mask
        while true {
            let word = index.acquire(Self.headerBytes + Int(slot) * Self.slotBytes)
            if word == 0 { return nil }
            if UInt32(truncatingIfNeeded: word >> 32) == tag {
                let entry = arena.resolve(UInt32(truncatingIfNeeded: word))
                if LentBytes.areEqual(EntryLayout.key(entry), key) { return entry }
            }
            slot = (slot &+ 1) & mask
        }
    }

    /// Asks for the cache line in which the search for this hash will begin.
    @inline(__always)
    func prefetch(_ tag: UInt32) {
        let index = Place(word: control.acquire(StripeControl.indexOffset))
        guard !index.isNowhere else { return }
        let slot = tag & UInt32(truncatingIfNeeded: index.word(8))
        index.advanced(Self.headerBytes + Int(slot) * Self.slotBytes).prefetch()
    }

    /// Enters an entry that is not there yet.
    ///
    /// Under the stripe's lock; the entry is whole.
    func add(_ reference: UInt32, _ tag: UInt32) {
        let count = Int(control.half(StripeControl.countOffset))
        let index = roomyIndex(count)
        put(UInt64(tag) << 32 | UInt64(reference), index)
        control.store(half: UInt32(count + 1), StripeControl.countOffset)
    }

    func deallocate() {
        var index = Place(word: control.word(StripeControl.indexOffset))
        while !index.isNowhere {
            let previous = Place(word: index.word(0))
            index.deallocate()
            index = previous
        }
    }

    private func put(_ word: UInt64, _ index: Place) {
        let mask = UInt32(truncatingIfNeeded: index.word(8))
        var slot = UInt32(truncatingIfNeeded: word >> 32) & mask
        while index.word(Self.headerBytes + Int(slot) * Self.slotBytes) != 0 {
            slot = (slot &+ 1) & mask
        }
        index.release(word, Self.headerBytes + Int(slot) * Self.slotBytes)
    }

    /// The index, at most five eighths full.
    private func roomyIndex(_ count: Int) -> Place {
        let old = Place(word: control.word(StripeControl.indexOffset))
        let slots = old.isNowhere ? 0 : Int(old.word(8)) + 1
        guard count * 8 >= slots * 5 else { return old }
        let grown = max(Self.firstSlots, 2 * slots)
        let size = Self.headerBytes + grown * Self.slotBytes
        let index = Place.allocate(size)
        index.store(old.word, 0)
        index.store(UInt64(grown - 1), 8)
        for slot in 0..<slots {
            let word = old.word(Self.headerBytes + slot * Self.slotBytes)
            if word != 0 { put(word, index) }
        }
        arena.count(size)
        control.release(index.word, StripeControl.indexOffset)
        return index
    }
}
