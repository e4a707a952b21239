internal import ShaleEngine
internal import Synchronization

/// Where the changes of one table go, looked up by each write while it owns its item.
///
/// So when a stream's generation changes, or it is switched on or off, the records of one item stay in order: whoever owns
/// the item after that sees the new state. What was decided before has come to its end when the table's writers have been
/// drained once (`LiveTable.publish`).
final class ChangeSwitch: Sendable {
    private let target = Mutex<ChangeTarget?>(nil)

    /// Nil while there is no stream.
    var now: ChangeTarget? { target.withLock { $0 } }

    func set(_ target: ChangeTarget?) { self.target.withLock { $0 = target } }
}

/// The generation that records go to, and what they keep.
struct ChangeTarget: Sendable {
    var viewType: StreamSpecification.ViewType
    var generation: StreamGeneration

    init?(_ stream: StreamDefinition) {
        guard stream.endedMilliseconds == nil, let last = stream.generations.last else {
            return nil
        }
        viewType = stream.viewType
        generation = last
    }
}
