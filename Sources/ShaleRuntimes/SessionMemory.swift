internal import NIOCore
internal import ShalePlatform
internal import Synchronization

/// Bytes in memory of the sessions of this machine, looked at by all environments together.
///
/// One look costs some 10 µs for each process of the machine, so that it is shared for half of the time between looks.
final class SessionMemory: Sendable {
    private struct State {
        var bytes: [Int32: Int] = [:]
        var end = NIODeadline.uptimeNanoseconds(0)
    }

    private static let age = TimeAmount.milliseconds(50)

    private let state = Mutex(State())

    /// Bytes of the processes of a session, at most 50 ms old.
    func bytes(ofSession session: Int32) -> Int {
        state.withLock { state in
            let now = NIODeadline.now()
            if now >= state.end || state.bytes[session] == nil {
                state.bytes = ChildProcess.residentBytesBySession()
                state.end = NIODeadline.now() + Self.age
            }
            return state.bytes[session] ?? 0
        }
    }
}
