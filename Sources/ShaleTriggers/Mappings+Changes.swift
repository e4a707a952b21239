package import ShaleFunctions
package import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Synchronization

// Changes of mappings. A change is written at once, and takes hold when the invocations under way have ended: who asked for it
// has an answer within a second, and sees in the mapping's state when that is.

/// The changes of mappings that are under way.
struct MappingChanges {
    private var states: [String: String] = [:]
    private var tasks: [String: Task<Void, Never>] = [:]
    private(set) var isStopped = false

    /// What clients are told of a mapping that is being changed: `Updating` and its like.
    func state(of identity: String) -> String? { states[identity] }

    /// Begins a change; false where one is under way.
    mutating func begin(_ identity: String, _ state: String) -> Bool {
        guard states[identity] == nil else { return false }
        states[identity] = state
        return true
    }

    /// Notes what ends a change that has begun.
    mutating func note(_ task: Task<Void, Never>, of identity: String) {
        if states[identity] != nil { tasks[identity] = task }
    }

    mutating func end(_ identity: String) {
        states[identity] = nil
        tasks[identity] = nil
    }

    /// Nothing is to run any more.
    /// - Returns: What is under way.
    mutating func stop() -> [Task<Void, Never>] {
        isStopped = true
        return Array(tasks.values)
    }
}

extension Mappings {
    /// Changes a mapping; it goes on where it is, once the invocations under way have ended.
    ///
    /// - Returns: The description; a second later at most.
    /// - Throws: `.resourceNotFound`, `.invalidParameter`, `.resourceInUse` while it is being changed, `.service`.
    package func update(_ identity: String, _ changes: Item) async throws(FunctionError) -> Item {
        let isEnabled = changes[EventSourceMapping.enabledName].map { $0 == true }
        try begin(identity, isEnabled == false ? "Disabling" : "Updating")
        let changed: EventSourceMapping
        let runner: MappingRunner?
        do throws(FunctionError) {
            changed = try await rewrite(identity) { (mapping) throws(FunctionError) in
                for (name, value) in changes { mapping.fields[name] = value }
                _ = try self.checked(mapping)
            }
            runner = changed.isEnabled ? try self.runner(changed) : nil
        } catch {
            self.changes.withLock { $0.end(identity) }
            throw error
        }
        let told = told(changed, changed.isEnabled ? "Updating" : "Disabling")
        await settle(identity) {
            await self.end(identity)
            let runs = self.changes.withLock { changes in
                if !changes.isStopped, let runner {
                    self.runners.withLock { $0[identity] = runner }
                }
                return !changes.isStopped
            }
            if runs { runner?.start() }
        }
        return told
    }

    /// Deletes a mapping, once the invocations under way have ended.
    ///
    /// - Returns: Its last description; a second later at most.
    /// - Throws: `.resourceNotFound`, `.resourceInUse` while it is being changed, `.service`.
    package func delete(_ identity: String) async throws(FunctionError) -> Item {
        try begin(identity, "Deleting")
        let last: Item
        do throws(FunctionError) {
            let mapping = try await rewrite(identity) { mapping in
                mapping.fields[EventSourceMapping.deletingName] = true
            }
            last = told(mapping, "Deleting")
        } catch {
            changes.withLock { $0.end(identity) }
            throw error
        }
        await settle(identity) {
            await self.end(identity)
            await self.forgetAtLast(identity)
        }
        return last
    }

    /// Deletes what is known of a mapping.
    func forget(_ identity: String) async throws(FunctionError) {
        try await stored { () async throws(DatabaseError) in
            try await self.context.registry.delete(identity)
        }
    }

    /// Deletes what is known of a mapping, again and again while the database refuses.
    ///
    /// It is marked: where everything ends before, the next start deletes it.
    private func forgetAtLast(_ identity: String) async {
        let pauses = StopSignal(context.world.scheduler)
        while true {
            do throws(FunctionError) { return try await forget(identity) } catch {
                guard !changes.withLock({ $0.isStopped }) else { return }
                await pauses.pause(milliseconds: Self.patience)
            }
        }
    }

    private func begin(_ identity: String, _ state: String) throws(FunctionError) {
        guard changes.withLock({ $0.begin(identity, state) }) else {
            throw FunctionError(
                .resourceInUse,
                "The event source mapping \(identity) is being changed; its State tells when that is "
                    + "over."
            )
        }
    }

    /// Reads a mapping, and writes it as it is to be.
    private func rewrite(
        _ identity: String,
        _ change: (inout EventSourceMapping) throws(FunctionError) -> Void
    ) async throws(FunctionError) -> EventSourceMapping {
        await turns.enter(identity)
        defer { turns.leave(identity) }
        var mapping = try await found(identity)
        guard !mapping.isBeingDeleted else {
            throw FunctionError(
                .resourceInUse,
                "The event source mapping \(identity) is being deleted."
            )
        }
        try change(&mapping)
        touch(&mapping)
        let changed = mapping
        try await stored { () async throws(DatabaseError) in
            try await self.context.registry.write(changed)
        }
        return changed
    }

    /// How long a client waits for a change to take hold, in milliseconds.
    private static let patience: Int64 = 1_000

    /// Lets a change take hold, and waits for that; not for longer than a client should.
    private func settle(_ identity: String, _ body: @escaping @Sendable () async -> Void) async {
        let patience = StopSignal(context.world.scheduler)
        let task = Task(executorPreference: context.world.scheduler.taskExecutor) {
            await body()
            self.changes.withLock { $0.end(identity) }
            patience.stop()
        }
        changes.withLock { $0.note(task, of: identity) }
        await patience.pause(milliseconds: Self.patience)
    }

    private func end(_ identity: String) async {
        await runners.withLock { $0.removeValue(forKey: identity) }?.stop()
    }
}
