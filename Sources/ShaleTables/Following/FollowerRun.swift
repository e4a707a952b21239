internal import ShalePlatform

/// A follower at work: reads changes, gives them to its closure, and commits what that writes with how far it is.
struct FollowerRun: Sendable {
    /// How long the first look for new changes waits, and the longest; in milliseconds.
    private static let waits: ClosedRange<Int64> = 1...50
    /// How long is waited when the database refuses, or what is given up cannot be told; in milliseconds.
    private static let troubled: Int64 = 1_000
    /// Writes of one batch: those of a transaction, but for the note.
    private static let writes = TableLimits.transactionActions.upperBound - 1

    let database: Database
    let follower: Follower
    let notes: FollowerNotes
    let options: FollowOptions
    let handler: Follower.Handler

    /// Runs until it is stopped.
    func run(from start: FollowerNotes.Place) async {
        defer { follower.ended() }
        var place = start
        var wait = Self.waits.lowerBound
        var signal: StopSignal { follower.signal }
        while !signal.isStopped {
            let waiting = follower.takeWaiting()
            do throws(DatabaseError) {
                // Asked first: what comes between is read in the next round.
                let next = database.stream(after: place.stream)
                let read = try await database.readChanges(
                    place.stream,
                    after: place.last,
                    limit: options.batchSize
                )
                guard read.records.isEmpty else {
                    follower.keepWaiting(waiting)
                    wait = Self.waits.lowerBound
                    await take(read.records, &place)
                    continue
                }
                place.last = read.next ?? place.last
                if let next {
                    follower.keepWaiting(waiting)
                    place = FollowerNotes.Place(stream: next)
                    continue
                }
                for continuation in waiting { continuation.resume(returning: true) }
                await signal.pause(milliseconds: wait)
                wait = min(wait * 2, Self.waits.upperBound)
            } catch {
                follower.keepWaiting(waiting)
                follower.update { $0.problem = error.description }
                // A stream that is over for more than a day has no more to tell.
                if error.code == .resourceNotFound,
                    let next = database.stream(after: place.stream)
                {
                    place = FollowerNotes.Place(stream: next)
                    continue
                }
                await signal.pause(milliseconds: Self.troubled)
            }
        }
    }

    /// Carries a batch to its end, or as far as it gets before everything ends.
    private func take(_ records: [ChangeRecord], _ place: inout FollowerNotes.Place) async {
        var progress = BatchProgress(records.map(\.milliseconds), options.rules)
        var lastError: any Error = CancellationError()
        while !follower.signal.isStopped {
            switch progress.next(now: database.world.time.wallMilliseconds) {
            case .end: return
            case .wait(let milliseconds): await follower.signal.pause(milliseconds: milliseconds)
            case .invoke(let range):
                do {
                    try await commit(records[range], &place) { changes, transaction in
                        try await handler(changes, &transaction)
                    }
                    follower.update { $0.taken += range.count }
                    progress.ended(.done)
                } catch {
                    lastError = error
                    follower.update { $0.problem = "\(error)" }
                    progress.ended(Self.isPassing(error) ? .throttled : .failed)
                }
            case .giveUp(let range, _):
                do {
                    let error = lastError
                    try await commit(records[range], &place) { changes, transaction in
                        try await options.onGivingUp?(changes, error, &transaction)
                    }
                    follower.update { $0.givenUp += range.count }
                    progress.gaveUp(range)
                } catch {
                    follower.update { $0.problem = "\(error)" }
                    await follower.signal.pause(milliseconds: Self.troubled)
                }
            }
        }
    }

    /// Does what a closure says, and notes how far that is, together.
    private func commit(
        _ records: ArraySlice<ChangeRecord>,
        _ place: inout FollowerNotes.Place,
        _ body: (_ changes: [ChangeRecord], _ transaction: inout TransactionBuilder) async throws ->
            Void
    ) async throws {
        var transaction = TransactionBuilder()
        try await body(Array(records), &transaction)
        guard transaction.actions.count <= Self.writes else {
            throw DatabaseError(
                .validation,
                "A follower writes at most \(Self.writes) items for one batch of changes, and this one "
                    + "wrote \(transaction.actions.count): take smaller batches."
            )
        }
        var done = place
        done.last = records.last?.sequence ?? place.last
        try await database.transact(
            transaction.actions,
            noting: notes.note(follower.name, at: done)
        )
        place = done
        follower.update { status in
            status.lastMilliseconds = records.last?.milliseconds
            status.problem = nil
        }
    }

    /// Whether an error says nothing about the changes: the same may do in a moment.
    private static func isPassing(_ error: any Error) -> Bool {
        guard let error = error as? DatabaseError else { return false }
        switch error.code {
        case .throttled, .throughputExceeded, .internalFailure: return true
        case .transactionCanceled:
            let codes = error.cancellationReasons?.map(\.code) ?? []
            return codes.allSatisfy { [.none, .throttled, .throughputExceeded].contains($0) }
        default: return false
        }
    }
}

extension Database {
    /// The stream that a table got after one that is switched off; nil where there is none.
    fileprivate func stream(after stream: StreamIdentity) -> StreamIdentity? {
        guard catalog.streams[stream]?.endedMilliseconds != nil || catalog.streams[stream] == nil
        else { return nil }
        return listStreams(tableName: stream.tableName).streams.first { $0 > stream }
    }
}
