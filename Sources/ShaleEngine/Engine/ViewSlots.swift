internal import Synchronization

/// The positions of the views that are open, so that versions they can see are kept.
///
/// A view writes its position into a free slot and then looks again at the visible position; a writer
/// that drops versions takes the minimum of the visible position and all slots. So either the writer
/// sees the slot, or the view sees a visible position at least as new as the writer did, and starts again.
final class ViewSlots: Sendable {
    private final class Slot: Sendable {
        /// 0: free.
        ///
        /// Otherwise the position plus one.
        let position = Atomic<UInt64>(0)
    }

    private static let slotCount = 64
    private let slots: [Slot] = (0..<ViewSlots.slotCount).map { _ in Slot() }
    private let start = Atomic<Int>(0)
    /// Views that found no slot: while there are any, nothing is dropped.
    private let overflow = Atomic<Int>(0)

    /// A taken slot; nil stands for the overflow.
    typealias Taken = Int?

    /// Opens a view at the newest position that `visible` gives.
    func open(_ visible: () -> LogPosition) -> (slot: Taken, position: LogPosition) {
        var position = visible()
        let first = start.add(1, ordering: .relaxed).newValue
        for step in 0..<Self.slotCount {
            let index = (first &+ step) & (Self.slotCount - 1)
            let exchange = slots[index].position.compareExchange(
                expected: 0,
                desired: position.rawValue + 1,
                ordering: .sequentiallyConsistent
            )
            guard exchange.exchanged else { continue }
            while true {
                let newest = visible()
                if newest == position { return (index, position) }
                position = newest
                slots[index].position.store(
                    position.rawValue + 1,
                    ordering: .sequentiallyConsistent
                )
            }
        }
        overflow.add(1, ordering: .sequentiallyConsistent)
        return (nil, visible())
    }

    func close(_ slot: Taken) {
        if let slot {
            slots[slot].position.store(0, ordering: .sequentiallyConsistent)
        } else {
            overflow.subtract(1, ordering: .sequentiallyConsistent)
        }
    }

    /// No open view is older than this, nor will be.
    func horizon(_ visible: LogPosition) -> LogPosition {
        if overflow.load(ordering: .sequentiallyConsistent) > 0 { return .zero }
        var horizon = visible.rawValue
        for slot in slots {
            let position = slot.position.load(ordering: .sequentiallyConsistent)
            if position > 0 { horizon = min(horizon, position - 1) }
        }
        return LogPosition(horizon)
    }
}
