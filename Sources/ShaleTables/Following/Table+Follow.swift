internal import ShaleEngine
internal import ShaleItems
internal import ShalePlatform
internal import Synchronization

extension Table {
    /// Calls a closure with what happens to the table's items, in the one order of all writes; exactly once for what it
    /// writes through the transaction that it is given.
    ///
    ///     try await songs.follow(as: "counts") { changes, transaction in
    ///         let artists = Dictionary(grouping: changes.filter { $0.event == .insert }) { $0.keys["artist"]! }
    ///         for (artist, new) in artists {
    ///             transaction.update(
    ///                 ["artist": artist], in: counts, "ADD songs :n", values: [":n": .number(Number(new.count))])
    ///         }
    ///     }
    ///
    /// Each write of a batch is of another item, and there are at most 99, of 4 MB together. A batch whose closure
    /// throws, or whose writes do not happen, comes again. Changes are kept for 24 hours: what a follower has not taken by then
    /// it does not get.
    ///
    /// - Parameters:
    ///   - name: What it goes on by after it was stopped, 1 to 255 bytes of UTF-8; one for each purpose.
    ///   - options: How it reads, and what it does with changes that cannot be taken.
    ///   - handler: Gets changes and fills the transaction.
    /// - Returns: The follower; it runs until it is stopped, or the database is closed.
    /// - Throws: `.resourceNotFound` where the table has no stream, `.resourceInUse` where one of the name runs,
    ///   `.validation`, `.internalFailure`.
    @discardableResult
    public func follow(
        as name: String,
        _ options: FollowOptions = FollowOptions(),
        calling handler: @escaping Follower.Handler
    ) async throws(DatabaseError) -> Follower {
        guard (1...255).contains(name.utf8.count) else {
            throw .validation("The name of a follower has 1 to 255 bytes of UTF-8.")
        }
        guard FollowOptions.batchSizes.contains(options.batchSize) else {
            throw .validation(
                "A follower takes 1 to 10,000 changes at a time, and not \(options.batchSize)."
            )
        }
        let follower = Follower(name, self.name, database.world)
        let isNew = database.followers.withLock { followers in
            guard followers[name]?.status.isStopped ?? true else { return false }
            followers[name] = follower
            return true
        }
        guard isNew else {
            throw DatabaseError(.resourceInUse, "A follower of the name \(name) runs already.")
        }
        do throws(DatabaseError) {
            try await database.start(follower, options, handler)
        } catch {
            follower.ended()
            throw error
        }
        return follower
    }
}

extension Database {
    /// Forgets how far a follower has got: the next one of the name begins anew.
    ///
    /// - Throws: `.resourceInUse` where it runs, `.internalFailure`.
    public func forgetFollower(_ name: String) async throws(DatabaseError) {
        guard followers.withLock({ $0[name]?.status.isStopped ?? true }) else {
            throw DatabaseError(.resourceInUse, "The follower \(name) runs: stop it first.")
        }
        try await FollowerNotes(self).forget(name)
    }

    fileprivate func start(
        _ follower: Follower,
        _ options: FollowOptions,
        _ handler: @escaping Follower.Handler
    ) async throws(DatabaseError) {
        let notes = try await FollowerNotes(self)
        let place = try await place(of: follower, options, notes)
        let run = FollowerRun(
            database: self,
            follower: follower,
            notes: notes,
            options: options,
            handler: handler
        )
        follower.start(
            Task(executorPreference: world.scheduler.taskExecutor) { await run.run(from: place) }
        )
    }

    /// Where a follower begins.
    private func place(
        of follower: Follower,
        _ options: FollowOptions,
        _ notes: FollowerNotes
    ) async throws(DatabaseError) -> FollowerNotes.Place {
        if let known = try await notes.place(of: follower.name),
            known.stream.tableName == follower.tableName
        {
            return known
        }
        let streams = listStreams(tableName: follower.tableName).streams
        guard let oldest = streams.first, let latest = streams.last else { throw .streamNotFound }
        var place = FollowerNotes.Place(stream: oldest)
        if options.start == .latest {
            place.stream = latest
            place.last = StreamSequence(from: engine.visiblePosition).before
        }
        // What comes from now on is its, even if it takes nothing before the next crash.
        try await transact([], noting: notes.note(follower.name, at: place))
        return place
    }

    /// Ends all followers.
    func stopFollowers() async {
        let all = followers.withLock { Array($0.values) }
        for follower in all { follower.signal.stop() }
        for follower in all { await follower.stop() }
    }
}

extension ChangeRecord {
    /// The item after the change as a value of a `Codable` type; nil where there is none, or the stream does not keep it.
    ///
    /// - Throws: `.validation` where the item is not of that type.
    public func new<Value: Decodable>(_ type: Value.Type) throws(DatabaseError) -> Value? {
        try Self.value(newImage)
    }

    /// The item before the change as a value of a `Codable` type; nil where there was none, or the stream does not keep it.
    ///
    /// - Throws: `.validation` where the item is not of that type.
    public func old<Value: Decodable>(_ type: Value.Type) throws(DatabaseError) -> Value? {
        try Self.value(oldImage)
    }

    private static func value<Value: Decodable>(_ item: Item?) throws(DatabaseError) -> Value? {
        guard let item else { return nil }
        do throws(ItemError) {
            return try AttributeDecoder().decode(Value.self, from: item)
        } catch {
            throw DatabaseError(error)
        }
    }
}
