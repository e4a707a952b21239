internal import ShaleStates

// Machines that are deleted with the last of their executions.

extension Executions {
    /// Deletes a state machine: at once where none of its executions runs, or else with the last of them.
    ///
    /// Those that run fail where they would enter a state.
    ///
    /// - Throws: `.invalidArn`, `.validation` for a resource name of a version, of an alias or of a Map state, `.failed`.
    package func delete(
        _ machine: String,
        from machines: StateMachines
    ) async throws(StatesError) {
        try await machines.delete(machine) { group throws(StatesError) in
            try await self.running(of: group)
        }
    }

    /// An execution of a machine (by its `group`) that runs; nil where none does.
    func running(of group: String) async throws(StatesError) -> String? {
        var place: String?
        repeat {
            let (page, next) = try await list(
                group,
                where: { $0.status == .running && !$0.isExpress },
                limit: 1,
                after: place
            )
            if let found = page.first { return try key(found.arn).text }
            place = next
        } while place != nil
        return nil
    }

    /// Looks whether a machine that is being deleted can go, again and again while the database refuses.
    func goOnDeleting(_ machine: String) {
        run {
            while !Task.isCancelled {
                do throws(StatesError) {
                    return try await self.machines.goOnDeleting(machine) {
                        group throws(StatesError) in
                        try await self.running(of: group)
                    }
                } catch {
                    self.report("the state machine \(machine) is not deleted: \(error.message)")
                    await self.pause(milliseconds: 1_000)
                }
            }
        }
    }
}
