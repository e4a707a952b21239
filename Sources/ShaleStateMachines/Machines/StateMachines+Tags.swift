internal import ShaleEngine
package import ShaleItems
internal import ShaleTables

// Tags of state machines and of activities.

extension StateMachines {
    /// The tags of a resource.
    ///
    /// - Throws: `.invalidArn`, `.resourceNotFound`, `.failed`.
    package func tags(of arn: String) async throws(StatesError) -> Item {
        switch try await tagged(arn) {
        case .machine(let machine): try await tags(ofMachine: machine)
        case .activity(let activity): activity.tags
        }
    }

    /// Adds tags to a resource, and takes others away.
    ///
    /// - Throws: `.invalidArn`, `.resourceNotFound`, `.tooManyTags`, `.failed`.
    package func tag(
        _ arn: String,
        adding tags: Item = [:],
        removing gone: [String] = []
    ) async throws(StatesError) {
        await turn.take()
        defer { turn.give() }
        let resource = try await tagged(arn)
        var all: Item
        switch resource {
        case .machine(let machine): all = try await self.tags(ofMachine: machine)
        case .activity(let activity): all = activity.tags
        }
        for (name, value) in tags { all[name] = value }
        for name in gone { all.remove(name) }
        try Self.checkTags(all, of: arn)
        switch resource {
        case .machine(let machine):
            let item = tagItem(all, machine)
            try await stored { () async throws(DatabaseError) in
                try await table.write(putting: [item])
            }
        case .activity(var activity):
            activity.tags = all
            try await put(activity)
        }
    }

    private enum Tagged {
        /// By its name.
        case machine(String)
        case activity(Activity)
    }

    private func tagged(_ arn: String) async throws(StatesError) -> Tagged {
        let name = try StatesARN(arn, [.machine, .activity])
        let isHere = name.region == region && name.account == account && name.qualifier == nil
        if isHere, name.kind == .machine, try await machine(name) != nil {
            return .machine(name.name)
        }
        if isHere, name.kind == .activity, let activity = try await activity(named: name.name) {
            return .activity(activity)
        }
        throw StatesError(.resourceNotFound, "Resource not found: '\(arn.prefix(256))'")
    }

    private func tags(ofMachine machine: String) async throws(StatesError) -> Item {
        try await item(machine, MachineFormat.tags)?["tags"]?.mapValue ?? [:]
    }

    func tagItem(_ tags: Item, _ machine: String) -> Item {
        var item = MachineFormat.key(machine, MachineFormat.tags)
        item["tags"] = .map(tags)
        return item
    }

    static func checkTags(_ tags: Item, of arn: String) throws(StatesError) {
        guard tags.count <= StatesLimits.tags else {
            throw StatesError(
                .tooManyTags,
                "A resource has at most \(StatesLimits.tags) tags: \(arn.prefix(256))"
            )
        }
    }
}
