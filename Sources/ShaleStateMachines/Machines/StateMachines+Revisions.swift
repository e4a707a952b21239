internal import ShaleEngine
internal import ShaleItems
internal import ShaleTables
internal import ShaleTimers

// Revisions that nothing needs any more, and how they are deleted.
//
// The record that takes a revision from a machine or a version sets a timer for it. When that fires the revision is deleted in one
// record, unless a machine, a version or an execution needs it; then it is looked at again later. A revision that
// is free is never taken into use again, but by an execution that had read the machine before: hence the time between.

extension StateMachines {
    /// The owner of the timers.
    package static let revisionOwner = "revisions"
    /// Milliseconds between the change that frees a revision and the first look: an hour, in which what had read the machine has begun.
    static let graceMilliseconds: Int64 = 3_600_000
    /// Milliseconds until a revision is looked at again that executions need: a day.
    static let againMilliseconds: Int64 = 86_400_000

    /// Says whether an execution of a machine (by its `group`) needs a revision.
    package typealias IsUsed =
        @Sendable (_ group: String, _ revision: String) async throws(StatesError) -> Bool

    /// Begins to delete revisions that nothing needs.
    ///
    /// - Parameter isUsed: Whether an execution needs one.
    package func collectRevisions(_ isUsed: @escaping IsUsed) {
        timers?.register(Self.revisionOwner, sideBySide: 1) { [weak self] timer in
            await self?.collect(timer, isUsed) ?? .again(after: Self.againMilliseconds)
        }
    }

    func timer(_ revision: String, of machine: String) -> Timer {
        Timer(
            Timer.Name(
                owner: Self.revisionOwner,
                due: now + Self.graceMilliseconds,
                id: "\(machine)#\(revision)"
            )
        )
    }

    private func collect(_ timer: Timer, _ isUsed: IsUsed) async -> Timers.Answer {
        let id = timer.name.id
        guard let mark = id.lastIndex(of: "#") else { return .handled }
        let machine = String(id[..<mark])
        let revision = String(id[id.index(after: mark)...])
        do throws(StatesError) {
            let item = try await item(machine, MachineFormat.revision(revision))
            let group = MachineFormat.group(machine, item?["identity"]?.stringValue)
            if try await isUsed(group, revision) { return .again(after: Self.againMilliseconds) }
            try await delete(revision, of: machine)
            return .handled
        } catch {
            // The database refuses at the moment; nothing is deleted, and it is tried again.
            return .again(after: Self.graceMilliseconds)
        }
    }

    /// Deletes a revision that no execution needs, unless the machine or a version of it does.
    private func delete(_ revision: String, of machine: String) async throws(StatesError) {
        await turn.take()
        defer { turn.give() }
        let present = try await item(MachineFormat.machines, machine).flatMap(StateMachine.init)
        guard present?.revision != revision else { return }
        let versions = try await items(of: machine, MachineFormat.versions)
        guard !versions.contains(where: { $0["revision"]?.stringValue == revision }) else { return }
        var writes = SystemWrites()
        writes.delete(MachineFormat.key(machine, MachineFormat.revision(revision)), from: table)
        for piece in try await items(of: machine, MachineFormat.pieces(revision)) {
            guard let what = piece["what"]?.stringValue else { continue }
            writes.delete(MachineFormat.key(machine, what), from: table)
        }
        try await write(writes, changing: machine)
    }

    /// The revisions of a machine, all that are kept.
    func revisions(of machine: String) async throws(StatesError) -> [String] {
        try await items(of: machine, MachineFormat.revision("")).compactMap { item in
            item["what"]?.stringValue.map { String($0.dropFirst(MachineFormat.revision("").count)) }
        }
    }
}
