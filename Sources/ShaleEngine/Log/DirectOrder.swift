internal import ShaleBytes
internal import Synchronization

/// In which order records that their writers copied themselves become visible: that of their positions,
/// though they are finished in any order.
///
/// A ring of ends; a record has the slot of its number among direct records.
final class DirectOrder: Sendable {
    /// Most records that may be under way at once: more than there are threads that write.
    static let room = 1024

    private struct State: Sendable {
        /// Ends of records that are finished and wait for earlier ones; 0 in all other slots.
        var ends = [UInt64](repeating: 0, count: DirectOrder.room)
        var published = 0
    }

    private let state = Guarded(State())
    private let publishedCount = Atomic<Int>(0)

    /// Whether record `number` has a slot.
    func hasRoom(for number: Int) -> Bool {
        number - publishedCount.load(ordering: .relaxed) < Self.room
    }

    /// Record `number`, which ends at `end`, is finished: calls `publish` with the end of the last
    /// record before which all are.
    /// - Returns: whether anything became visible.
    func finish(_ number: Int, _ end: LogPosition, publish: (LogPosition) -> Void) -> Bool {
        state.withLock { state in
            let mask = Self.room - 1
            guard number == state.published else {
                state.ends[number & mask] = end.rawValue
                return false
            }
            var last = end.rawValue
            state.published += 1
            while state.ends[state.published & mask] != 0 {
                last = state.ends[state.published & mask]
                state.ends[state.published & mask] = 0
                state.published += 1
            }
            publishedCount.store(state.published, ordering: .relaxed)
            publish(LogPosition(last))
            return true
        }
    }
}
