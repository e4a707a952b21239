internal import ShaleCapacity
internal import ShaleEngine
internal import Synchronization

/// What is scaled in a database, and what is known of its load.
///
/// The targets are those of the system table `$scaling`, read when the database is opened; the load is of this process, so a policy
/// decides two minutes after an open at the earliest. Changes take turns.
final class Scaling: Sendable {
    /// The load of one target.
    struct Load {
        var tracking = TargetTracking()
        /// All that had been taken when it was last looked at, and when that was.
        var taken: CapacityUnits?
        var milliseconds: Int64 = 0
    }

    private struct State {
        var targets: [ScalableResource: ScalableTarget] = [:]
        var loads: [ScalableResource: Load] = [:]
    }

    private let state = Mutex(State())
    let turn = Turn()

    /// All targets, in one order everywhere.
    var targets: [ScalableTarget] {
        let targets = state.withLock { Array($0.targets.values) }
        return targets.sorted { left, right in
            (left.resource.identity, left.resource.dimension.rawValue)
                < (right.resource.identity, right.resource.dimension.rawValue)
        }
    }

    /// Whether anything may have to be scaled.
    var isActive: Bool { state.withLock { $0.targets.values.contains { !$0.policies.isEmpty } } }

    subscript(resource: ScalableResource) -> ScalableTarget? {
        state.withLock { $0.targets[resource] }
    }

    func install(_ target: ScalableTarget) {
        state.withLock { $0.targets[target.resource] = target }
    }

    func remove(_ resource: ScalableResource) {
        state.withLock { state in
            state.targets[resource] = nil
            state.loads[resource] = nil
        }
    }

    func load(of resource: ScalableResource) -> Load {
        state.withLock { $0.loads[resource] ?? Load() }
    }

    func set(_ load: Load, of resource: ScalableResource) {
        state.withLock { state in
            if state.targets[resource] != nil { state.loads[resource] = load }
        }
    }
}
