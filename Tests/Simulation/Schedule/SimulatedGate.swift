/// A gate whose waiting is running others.

internal import ShalePlatform
internal import Synchronization

/// A gate of the simulated scheduler.
final class SimulatedGate: Gate {
    private let isOpen = Atomic<Bool>(false)
    private let scheduler: SimulatedScheduler

    init(_ scheduler: SimulatedScheduler) { self.scheduler = scheduler }

    func open() { isOpen.store(true, ordering: .relaxed) }

    func wait() {
        if isOpen.load(ordering: .relaxed) { return }
        precondition(
            scheduler.callerMayBlock,
            "a task waited on a gate: where callerMayBlock is false it must suspend instead"
        )
        do throws(SimulationStuck) {
            try scheduler.run(until: { isOpen.load(ordering: .relaxed) })
        } catch {
            fatalError("deadlock at a gate: \(error)")
        }
    }
}
