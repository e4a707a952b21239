internal import ShaleEngine
internal import Synchronization

/// A number that all writers count up with read-modify-writes of one key.
///
/// No increment may be lost or counted twice: what is there lies between the acknowledged ones and the tried
/// ones.
final class SharedCounter: Sendable {
    private struct State {
        var base: UInt64 = 0
        var tried: UInt64 = 0
        var acknowledgedSynced: UInt64 = 0
        var acknowledged: UInt64 = 0
    }
    private let state = Mutex(State())

    static let key = ModelKey(table: 0, partition: Array("shared".utf8), sort: [])

    func begin() { state.withLock { $0.tried += 1 } }

    /// One that was begun did not happen, for sure.
    func withdraw() { state.withLock { $0.tried -= 1 } }

    /// An increment made the number `value`.
    func acknowledge(_ value: UInt64, isSynced: Bool) {
        state.withLock { state in
            state.acknowledged = max(state.acknowledged, value)
            if isSynced { state.acknowledgedSynced = max(state.acknowledgedSynced, value) }
        }
    }

    func settle(_ found: [UInt8]?, keepsBuffered: Bool) throws(Failure) {
        let value = Numbers.number(found)
        let (least, most) = state.withLock { state in
            let least = keepsBuffered ? state.acknowledged : state.acknowledgedSynced
            return (max(state.base, least), state.base + state.tried)
        }
        guard value >= least, value <= most else {
            throw Failure("the shared counter is \(value); it may be \(least) to \(most)")
        }
        state.withLock { $0 = State(base: value, acknowledgedSynced: value, acknowledged: value) }
    }
}
