import Synchronization
import Testing

@testable import ShaleBytes

/// What is freed when, and what readers are promised meanwhile.
struct RetirementTests {
    /// Tells when it goes.
    private final class Mark: Sendable {
        let gone: Gone
        init(_ gone: Gone) { self.gone = gone }
        deinit { gone.count.add(1, ordering: .relaxed) }
    }

    private final class Gone: Sendable {
        let count = Atomic<Int>(0)
        var value: Int { count.load(ordering: .relaxed) }
    }

    @Test func `what a reader may have seen stays until it has left`() {
        let slots = EpochSlots()
        let retirement = Retirement(slots)
        let gone = Gone()
        let reader = slots.enter()
        retirement.retire(.object(Mark(gone)))
        retirement.collect()
        #expect(gone.value == 0)
        slots.leave(reader)
        retirement.collect()
        #expect(gone.value == 1)
        #expect(retirement.isEmpty)
    }

    @Test func `a reader that came later holds nothing back`() {
        let slots = EpochSlots()
        let retirement = Retirement(slots)
        let gone = Gone()
        retirement.retire(.object(Mark(gone)))
        let reader = slots.enter()
        retirement.collect()
        #expect(gone.value == 1)
        slots.leave(reader)
    }

    @Test func `more readers than slots hold everything back until they are fewer`() {
        let slots = EpochSlots()
        let retirement = Retirement(slots)
        let gone = Gone()
        let readers = (0...EpochSlots.slotCount).map { _ in slots.enter() }
        #expect(slots.horizon(newest: 100) == 0)
        retirement.retire(.object(Mark(gone)))
        for reader in readers.dropLast() { slots.leave(reader) }
        retirement.collect()
        #expect(gone.value == 0)
        for reader in readers.suffix(1) { slots.leave(reader) }
        retirement.collect()
        #expect(gone.value == 1)
    }

    @Test func `the horizon is the oldest position that a reader sees`() {
        let slots = EpochSlots()
        #expect(slots.horizon(newest: 100) == 100)
        let first = slots.enter()
        // It has not said yet what it sees.
        #expect(slots.horizon(newest: 100) == 0)
        slots.see(40, in: first)
        let second = slots.enter()
        slots.see(30, in: second)
        #expect(slots.horizon(newest: 100) == 30)
        slots.leave(second)
        #expect(slots.horizon(newest: 100) == 40)
        slots.leave(first)
        #expect(slots.horizon(newest: 100) == 100)
    }

    @Test func `what a retirement still holds goes with it`() {
        let slots = EpochSlots()
        let gone = Gone()
        let reader = slots.enter()
        do {
            let retirement = Retirement(slots)
            retirement.retire(.object(Mark(gone)))
        }
        #expect(gone.value == 1)
        slots.leave(reader)
    }

    /// A number that is wrong once it was freed.
    private final class Canary: Sendable {
        let alive = Atomic<Int>(7)
        deinit { alive.store(0, ordering: .relaxed) }
    }

    @Test func `readers follow a reference that is replaced all the time`() async {
        let slots = EpochSlots()
        let retirement = Retirement(slots)
        let published = Published(Canary())
        await withTaskGroup(of: Int.self) { group in
            for _ in 0..<3 {
                group.addTask {
                    var wrong = 0
                    for _ in 0..<20_000 {
                        let slot = slots.enter()
                        published.reference.withCurrent { canary in
                            if canary.alive.load(ordering: .relaxed) != 7 { wrong += 1 }
                        }
                        slots.leave(slot)
                    }
                    return wrong
                }
            }
            for _ in 0..<20_000 {
                published.reference.replace(Canary(), retirement)
                retirement.collect()
            }
            for await wrong in group { #expect(wrong == 0) }
        }
        #expect(published.reference.strong(slots).alive.load(ordering: .relaxed) == 7)
    }

    /// Holds a reference that cannot be copied where tasks can share it.
    private final class Published: Sendable {
        let reference: PublishedReference<Canary>
        init(_ canary: Canary) { reference = PublishedReference(canary) }
    }
}
