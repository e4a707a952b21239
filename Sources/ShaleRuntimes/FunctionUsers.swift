internal import ShaleFunctions
internal import ShalePlatform
internal import Synchronization

/// Whom processes of functions run as: each environment as a user of its own, where there are several.
///
/// What belongs to a user alone can be counted, hidden and ended for it alone: its processes, its files. Other hosts
/// on the same machine take from the same users, so each user that is in use is locked:
///
///     LOCKS/61184       taken by `flock` as long as an environment has the user; ends with the program
///     LOCKS/61184.used  there while the user may have processes; does not end with the program
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
        guard let lock = state.withLock({ $0.locks.removeValue(forKey: user) }) else { return }
        release(user, lock)
    }

    /// Ends all processes of users that environments here have, or that no host has.
    ///
    /// Those of a user that several environments share cannot be ended for one of them. Blocks, for many users no longer than
    /// for one.
    func endProcesses(_ owners: [UInt32]) {
        guard !isShared else { return }
        var ending: [UInt32] = []
        var taken: [(user: UInt32, lock: any FileLock)] = []
        for user in owners where users.contains(user) {
            if state.withLock({ $0.locks[user] != nil }) {
                ending.append(user)
            } else if let lock = try? lock(user, endingStrays: false) {
                // Where another host has the user, or nobody can lock it, its processes are not ours to end.
                ending.append(user)
                taken.append((user, lock))
            }
        }
        ChildProcess.endAll(of: ending)
        for (user, lock) in taken { release(user, lock) }
    }

    private func mark(_ user: UInt32) -> String { "\(locks)/\(user).used" }

    private func release(_ user: UInt32, _ lock: any FileLock) {
        // A mark that stays has the user's processes ended once more, and there are none.
        try? PosixFileSystem().remove(mark(user))
        lock.release()
    }

    /// The lock of a user who has no processes; nil where somebody else has it.
    ///
    /// Those of a host that was killed are ended, unless the caller does so.
    private func lock(
        _ user: UInt32,
        endingStrays: Bool = true
    ) throws(FunctionError) -> (any FileLock)? {
        do throws(FileError) {
            if ProgramFiles.status(locks) == nil {
                try ProgramFiles.makeDirectory(locks, mode: 0o700)
            }
            let lock = try PosixFileSystem().lock("\(locks)/\(user)")
            if ProgramFiles.status(mark(user)) == nil {
                try ProgramFiles.write([], mark(user), mode: 0o600)
            } else if endingStrays {
                _ = ChildProcess.endAll(of: user)
            }
            return lock
        } catch {
            if error.code == .locked { return nil }
            throw FunctionError(.service, "A user for a function could not be locked: \(error).")
        }
    }
}
