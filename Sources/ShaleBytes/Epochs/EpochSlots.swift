internal import CShaleShims
public import Synchronization

/// Who is reading right now, and how old what they see may be.
///
/// A reader enters a slot, and only then looks at anything that is published through an atomic; what it
/// finds there stays alive until it leaves. Whoever unpublishes something gives it to `Retirement`,
/// which frees it when every slot that was taken before has been left. So readers take no lock
/// and count no reference: entering is one exchange on a cache line that the thread has for itself.
///
/// A slot also holds the log position that its reader sees, so that writers keep the versions it needs
/// (`horizon`).
///
///     word  meaning
///        0  0: free. 1: taken, no position yet. Otherwise the position plus 2
///        1  the epoch in which it was taken; while word 0 is 1 it may still be an older one
///        2  blocks found in memory by readers in this slot
///        3  blocks not found
///
/// Invariant: word 0 is exchanged before the epoch is read, and the epoch before anything published;
/// whoever frees advances the epoch after unpublishing and before it looks at the slots. So either
/// it sees the slot, or the reader sees what is published now.
@safe
@usableFromInline
package final class EpochSlots: @unchecked Sendable {
    /// A taken slot.
    @frozen
    @usableFromInline
    package struct Slot: Sendable {
        /// -1 stands for the overflow: more readers than slots.
        @usableFromInline let index: Int

        @inlinable @inline(__always) init(index: Int) { self.index = index }
    }

    @usableFromInline static let slotCount = 256
    /// Two cache lines, since processors fetch them in pairs.
    @usableFromInline static let wordsPerSlot = 16

    @usableFromInline let words: UnsafeMutablePointer<Atomic<UInt64>>
    /// No slot from here on was ever taken.
    @usableFromInline let usedCount = Atomic<Int>(0)
    /// Readers without a slot: while there are any, nothing is freed and no version dropped.
    @usableFromInline let overflow = Atomic<Int>(0)
    @usableFromInline let epoch = Atomic<UInt64>(1)

    /// Slots of which none is taken.
    package init() {
        let count = Self.slotCount * Self.wordsPerSlot
        let bytes = UnsafeMutableRawPointer.allocate(
            byteCount: count * MemoryLayout<Atomic<UInt64>>.stride,
            alignment: 128
        )
        // Safety: the memory was allocated for `count` words and lives as long as this object.
        unsafe words = bytes.bindMemory(to: Atomic<UInt64>.self, capacity: count)
        for index in 0..<count { unsafe (words + index).initialize(to: Atomic(0)) }
    }

    deinit { unsafe UnsafeMutableRawPointer(words).deallocate() }

    @inlinable @inline(__always)
    func word(_ slot: Int, _ index: Int) -> UnsafeMutablePointer<Atomic<UInt64>> {
        // Safety: slots are below `slotCount` and words below `wordsPerSlot`.
        unsafe words + (slot * Self.wordsPerSlot + index)
    }

    /// Takes a slot: from now on nothing that is published is freed.
    @inlinable @inline(__always)
    package func enter() -> Slot {
        let home = Int(Self.threadNumber) & (Self.slotCount - 1)
        // Safety: the words of a slot live as long as the slots.
        let taken = unsafe word(home, 0).pointee.compareExchange(
            expected: 0,
            desired: 1,
            ordering: .sequentiallyConsistent
        )
        guard taken.exchanged else { return enterElsewhere(home) }
        noteUse(home)
        unsafe word(home, 1).pointee.store(
            epoch.load(ordering: .sequentiallyConsistent),
            ordering: .releasing
        )
        return Slot(index: home)
    }

    @usableFromInline static var threadNumber: UInt32 { shale_thread_number() }

    @inlinable @inline(__always)
    func noteUse(_ slot: Int) {
        if usedCount.load(ordering: .relaxed) <= slot { raiseUse(slot) }
    }

    @usableFromInline
    func raiseUse(_ slot: Int) {
        // Both are signed and not negative.
        _ = usedCount.max(slot + 1, ordering: .sequentiallyConsistent)
    }

    /// The thread's own slot is taken: by a reader that called another, or by a far number.
    @usableFromInline
    func enterElsewhere(_ home: Int) -> Slot {
        for step in 1..<Self.slotCount {
            let index = (home + step) & (Self.slotCount - 1)
            // Safety: as in `enter`.
            let taken = unsafe word(index, 0).pointee.compareExchange(
                expected: 0,
                desired: 1,
                ordering: .sequentiallyConsistent
            )
            guard taken.exchanged else { continue }
            noteUse(index)
            unsafe word(index, 1).pointee.store(
                epoch.load(ordering: .sequentiallyConsistent),
                ordering: .releasing
            )
            return Slot(index: index)
        }
        overflow.add(1, ordering: .sequentiallyConsistent)
        return Slot(index: -1)
    }

    /// Says which position the reader sees: read after `enter`, so that no writer has dropped what it
    /// needs.
    @inlinable @inline(__always)
    package func see(_ position: UInt64, in slot: Slot) {
        guard slot.index >= 0 else { return }
        // Safety: as in `enter`.
        unsafe word(slot.index, 0).pointee.store(position + 2, ordering: .releasing)
    }

    /// Gives a slot back.
    @inlinable @inline(__always)
    package func leave(_ slot: Slot) {
        guard slot.index >= 0 else {
            overflow.subtract(1, ordering: .sequentiallyConsistent)
            return
        }
        // Safety: as in `enter`.
        unsafe word(slot.index, 0).pointee.store(0, ordering: .releasing)
    }

    /// Counts a block that the calling thread did or did not find in memory.
    ///
    /// Threads with far numbers share counters and may lose a count: this is for statistics.
    @inlinable @inline(__always)
    package func count(found: Bool) {
        let home = Int(Self.threadNumber) & (Self.slotCount - 1)
        // Safety: as in `enter`.
        let counter = unsafe word(home, found ? 2 : 3)
        let value = unsafe counter.pointee.load(ordering: .relaxed)
        unsafe counter.pointee.store(value &+ 1, ordering: .relaxed)
    }

    /// How many blocks all readers did and did not find in memory.
    package var counts: (found: Int, missed: Int) {
        var found = 0
        var missed = 0
        for slot in 0..<Self.slotCount {
            // Safety: as in `enter`.
            found &+= Int(truncatingIfNeeded: unsafe word(slot, 2).pointee.load(ordering: .relaxed))
            missed &+= Int(
                truncatingIfNeeded: unsafe word(slot, 3).pointee.load(ordering: .relaxed)
            )
        }
        return (found, missed)
    }

    /// No reader sees an older position than this, nor will: `newest` or less.
    package func horizon(newest: UInt64) -> UInt64 {
        if overflow.load(ordering: .sequentiallyConsistent) > 0 { return 0 }
        var horizon = newest
        for slot in 0..<usedCount.load(ordering: .sequentiallyConsistent) {
            // Safety: as in `enter`.
            let state = unsafe word(slot, 0).pointee.load(ordering: .sequentiallyConsistent)
            if state == 1 { return 0 }
            if state > 1 { horizon = min(horizon, state - 2) }
        }
        return horizon
    }

    /// Begins a new epoch.
    /// - Returns: the one that ends: what was unpublished in it may still be seen by readers of it.
    func advance() -> UInt64 {
        epoch.add(1, ordering: .sequentiallyConsistent).oldValue
    }

    /// Readers of this epoch and of all before have left.
    func endedThrough() -> UInt64 {
        if overflow.load(ordering: .sequentiallyConsistent) > 0 { return 0 }
        var oldest = epoch.load(ordering: .sequentiallyConsistent)
        for slot in 0..<usedCount.load(ordering: .sequentiallyConsistent)
        where unsafe word(slot, 0).pointee.load(ordering: .sequentiallyConsistent) != 0 {
            oldest = min(
                oldest,
                unsafe word(slot, 1).pointee.load(ordering: .sequentiallyConsistent)
            )
        }
        return oldest - 1
    }
}
