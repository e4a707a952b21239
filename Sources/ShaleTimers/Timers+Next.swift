internal import ShaleItems
package import ShaleTables
internal import Synchronization

// What the driver of a virtual clock has to know: when something is due, and whether all that is due was told.

extension Timers {
    /// Items that are looked at in one reading.
    private static let page = 100

    /// The next timer of an owner that is wanted; nil where none waits.
    ///
    /// Reads the table, in the order of due times, so it costs what it passes over.
    ///
    /// - Throws: `.internalFailure`.
    package func next(
        of owner: String,
        where isWanted: (Timer) -> Bool
    ) async throws(DatabaseError) -> Timer? {
        var from: String?
        while true {
            let items = try await table.items(
                of: .string(owner),
                in: (from: from.map { .string($0) }, to: nil),
                limit: Self.page
            )
            let timers = items.compactMap { Timer($0) }
            if let found = timers.first(where: isWanted) { return found }
            guard items.count == Self.page, let last = timers.last else { return nil }
            // A byte behind the last: the next key that can be there.
            from = last.name.place + "\0"
        }
    }

    /// Whether nobody is being told, and nothing that was told is still to be deleted.
    package var isIdle: Bool {
        state.withLock { state in
            !state.isDeleting && state.readings == 0 && state.fired.isEmpty
                && state.owners.values.allSatisfy { $0.running == 0 }
        }
    }

    /// Tells what is due: after the clock was set forward.
    package func clockWasSet() { goOn() }
}
