internal import ShalePlatform

/// What happens to the items of a table, in the one order of all writes; goes on as long as the stream is on.
///
/// Whoever remembers the `sequence` of the last record goes on behind it, also after a crash.
public struct ItemChanges: AsyncSequence, Sendable {
    /// A change of an item.
    public typealias Element = ChangeRecord
    /// What can go wrong.
    public typealias Failure = DatabaseError

    /// How long the first look for new records waits, and the longest.
    private static let waits = Duration.milliseconds(1)...Duration.milliseconds(50)

    let database: Database
    let stream: StreamIdentity
    let place: StreamSequence?

    /// Begins behind the place.
    public func makeAsyncIterator() -> Iterator {
        Iterator(database: database, stream: stream, place: place)
    }

    /// Gives the changes one by one; waits for those to come.
    public struct Iterator: AsyncIteratorProtocol {
        let database: Database
        let stream: StreamIdentity
        var place: StreamSequence?
        private var records: ArraySlice<ChangeRecord> = []

        init(database: Database, stream: StreamIdentity, place: StreamSequence?) {
            self.database = database
            self.stream = stream
            self.place = place
        }

        /// The next change; nil when the stream was switched off and all was seen, or the task was cancelled.
        public mutating func next() async throws(DatabaseError) -> ChangeRecord? {
            try await advance()
        }

        /// The next change; nil when the stream was switched off and all was seen, or the task was cancelled.
        public mutating func next(
            isolation actor: isolated (any Actor)?
        ) async throws(DatabaseError) -> ChangeRecord? {
            try await advance()
        }

        private mutating func advance() async throws(DatabaseError) -> ChangeRecord? {
            var wait = ItemChanges.waits.lowerBound
            while records.isEmpty {
                // Asked first: what comes between is read in the next round.
                let isOn = database.catalog.streams[stream]?.endedMilliseconds == nil
                let read = try await database.readChanges(stream, after: place)
                records = read.records[...]
                place = read.next ?? place
                guard records.isEmpty else { break }
                guard isOn, !Task.isCancelled else { return nil }
                await database.pause(wait)
                wait = Swift.min(wait * 2, ItemChanges.waits.upperBound)
            }
            return records.popFirst()
        }
    }
}

extension Database {
    fileprivate func pause(_ duration: Duration) async {
        await withCheckedContinuation { continuation in
            world.scheduler.schedule(.housekeeping, after: duration) { continuation.resume() }
        }
    }
}

extension Table {
    /// The changes of the table's items behind a place, and those to come.
    ///
    ///     for try await change in try songs.changes() { print(change.event, change.keys) }
    ///
    /// - Parameter place: The `sequence` of the last change that was seen; nil begins with the oldest that is kept, at most 24
    ///   hours ago.
    /// - Returns: The changes.
    /// - Throws: `.resourceNotFound` where the table has no stream.
    public func changes(
        after place: StreamSequence? = nil
    ) throws(DatabaseError) -> ItemChanges {
        guard let stream = database.listStreams(tableName: name).streams.last else {
            throw .streamNotFound
        }
        return ItemChanges(database: database, stream: stream, place: place)
    }
}
