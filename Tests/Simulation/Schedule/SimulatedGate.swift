/// A gate whose waiting lets others run.

internal import ShalePlatform
internal import Synchronization

/// A gate of the simulated scheduler.
final class SimulatedGate: Gate {
    private let opened = Atomic<Bool>(false)
    private let scheduler: SimulatedScheduler

    init(_ scheduler: SimulatedScheduler) { self.scheduler = scheduler }

    var isOpen: Bool { opened.load(ordering: .relaxed) }

    func open() { opened.store(true, ordering: .relaxed) }

    func wait() {
        if isOpen { return }
        precondition(
            scheduler.callerMayBlock,
            "a task waited on a gate: where callerMayBlock is false it must suspend instead"
        )
        scheduler.wait(at: self)
    }
}
