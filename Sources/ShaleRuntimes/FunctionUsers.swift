internal import ShaleFunctions
internal import Synchronization

/// Whom processes of functions run as: each environment as a user of its own, where there are several.
///
/// What belongs to a user alone can be counted, hidden and ended for it alone: its processes, its files.
final class FunctionUsers: Sendable {
    private struct State {
        var free: [UInt32] = []
        var next: UInt32
    }

    private let users: ClosedRange<UInt32>
    private let state: Mutex<State>

    init(_ users: ClosedRange<UInt32>) {
        self.users = users
        state = Mutex(State(next: users.lowerBound))
    }

    /// Whether all environments have one user.
    var isShared: Bool { users.count == 1 }

    /// A user that no other environment has.
    ///
    /// - Throws: `.tooManyRequests` where all are in use.
    func take() throws(FunctionError) -> UInt32 {
        if isShared { return users.lowerBound }
        let user: UInt32? = state.withLock { state in
            if state.next <= users.upperBound {
                defer { state.next += 1 }
                return state.next
            }
            return state.free.isEmpty ? nil : state.free.removeFirst()
        }
        guard let user else {
            throw FunctionError(
                .tooManyRequests,
                "All \(users.count) users that functions run as are in use."
            )
        }
        return user
    }

    /// Gives a user back, none of whose processes and files is left.
    func give(_ user: UInt32) {
        if !isShared { state.withLock { $0.free.append(user) } }
    }

    /// Whether a user is one of them.
    func contains(_ user: UInt32) -> Bool { users.contains(user) }
}
