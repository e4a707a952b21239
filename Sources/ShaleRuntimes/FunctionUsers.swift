internal import ShaleFunctions
internal import ShalePlatform
internal import Synchronization

/// Whom processes of functions run as: each environment as a user of its own, where there are several.
///
/// What belongs to a user alone can be counted, hidden and ended for it alone: its processes, its files. Other hosts
/// on the same machine take from the same users, so each user that is in use is locked:
///
///     LOCKS/61184     taken by `flock` as long as an environment has the user; ends with the program
final class FunctionUsers: Sendable {
    private struct State {
        var next: UInt32
        var locks: [UInt32: any FileLock] = [:]
    }

    private let users: ClosedRange<UInt32>
    private let locks: String
    private let state: Mutex<State>

    init(_ users: ClosedRange<UInt32>, locks: String) {
        self.users = users
        self.locks = locks
        state = Mutex(State(next: users.lowerBound))
    }

    /// Whether all environments have one user.
    var isShared: Bool { users.count == 1 }

    /// A user that no other environment has.
    ///
    /// - Throws: `.tooManyRequests` where all are in use; `.service` where they cannot be locked.
    func take() throws(FunctionError) -> UInt32 {
        if isShared { return users.lowerBound }
        let taken = try state.withLock { state throws(FunctionError) -> UInt32? in
            for _ in 0..<users.count {
                let user = state.next
                // The one that was given back last comes last, so that its strays have time to end.
                state.next = user == users.upperBound ? users.lowerBound : user + 1
                guard state.locks[user] == nil, let lock = try lock(user) else { continue }
                state.locks[user] = lock
                return user
            }
            return nil
        }
        guard let taken else {
            throw FunctionError(
                .tooManyRequests,
                "All \(users.count) users that functions run as are in use."
            )
        }
        return taken
    }

    /// Gives a user back, none of whose processes and files is left.
    func give(_ user: UInt32) {
        state.withLock { $0.locks.removeValue(forKey: user) }?.release()
    }

    /// Ends all processes of a user that an environment here has, or that no host has.
    ///
    /// Those of a user that several environments share cannot be ended for one of them. Blocks.
    func endProcesses(_ user: UInt32) {
        guard !isShared, users.contains(user) else { return }
        if state.withLock({ $0.locks[user] != nil }) {
            _ = ChildProcess.endAll(of: user)
        } else if let lock = try? lock(user) {
            _ = ChildProcess.endAll(of: user)
            lock.release()
        }
    }

    /// The lock of a user; nil where somebody else has it.
    private func lock(_ user: UInt32) throws(FunctionError) -> (any FileLock)? {
        do throws(FileError) {
            if ProgramFiles.status(locks) == nil {
                try ProgramFiles.makeDirectory(locks, mode: 0o700)
            }
            return try PosixFileSystem().lock("\(locks)/\(user)")
        } catch {
            if error.code == .locked { return nil }
            throw FunctionError(.service, "A user for a function could not be locked: \(error).")
        }
    }
}
