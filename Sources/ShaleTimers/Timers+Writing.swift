package import ShaleEngine
package import ShaleTables
internal import Synchronization

// Setting and cancelling. Whoever has a record of its own to write takes `writes` into it, and says `wrote` behind it;
// whoever has writes that timers can do for it gives them to `write`.

extension Timers {
    /// Sets and cancels timers, and does what else is to happen with that: all or nothing, one record of the log.
    ///
    /// - Parameters:
    ///   - new: Timers that are not there. A name is used once: not again while its owner is being told of it.
    ///   - cancelled: Names of timers; one that is not there is no error.
    ///   - others: Writes of other tables, or `writes` of other timers.
    ///   - durability: What it survives.
    /// - Throws: `.validation`, `.internalFailure`.
    package func write(
        setting new: [Timer] = [],
        cancelling cancelled: [Timer.Name] = [],
        with others: SystemWrites = SystemWrites(),
        _ durability: Durability = .synced
    ) async throws(DatabaseError) {
        var all = writes(setting: new, cancelling: cancelled)
        all.append(others)
        try await database.write(all, durability)
        wrote(setting: new, cancelling: cancelled)
    }

    /// What sets and cancels timers, to be written by the caller in a record of its own.
    ///
    /// Once that is written the caller says so by `wrote`, with the same arguments. If it ends before, the next start
    /// finds the timers.
    package func writes(
        setting new: [Timer] = [],
        cancelling cancelled: [Timer.Name] = []
    ) -> SystemWrites {
        var writes = SystemWrites()
        for timer in new { writes.put(timer.written, in: table) }
        for name in cancelled where !new.contains(where: { $0.name == name }) {
            writes.delete(name.key, from: table)
        }
        return writes
    }

    /// Takes note that `writes` were written.
    package func wrote(setting new: [Timer] = [], cancelling cancelled: [Timer.Name] = []) {
        state.withLock { state in
            for name in cancelled { state.owners[name.owner]?.window.cancel(name) }
            for timer in new { state.owners[timer.name.owner]?.window.set(timer) }
        }
        goOn()
    }
}
