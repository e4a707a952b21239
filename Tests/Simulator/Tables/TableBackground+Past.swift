internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import Simulation
internal import Synchronization

// Going back to moments of the past, of this life and of those before.
extension TableBackground {
    /// Lets a table keep its past, remembers a moment of it, or goes back to one.
    mutating func rewind() async throws {
        let schema = life.tables[random.below(life.tables.count)]
        let database = life.database
        let recovery = try database.describeContinuousBackups(schema.name)
        guard recovery.recoveryDays != nil else {
            _ = try await life.end.hear {
                try await database.updateContinuousBackups(schema.name, recoveryDays: 35)
            }
            return
        }
        switch random.below(4) {
        case 0: try await life.end.hear { try await database.makeRestorePoint() }
        case 1: try await remember(schema)
        default:
            var choice = random
            let moment = life.past.pick { choice.below($0) }
            random = choice
            guard let moment else { return try await remember(schema) }
            try await goBack(to: moment)
        }
    }

    /// Remembers a moment between two others: what was acknowledged at the first is in it, and nothing that began after
    /// the last.
    private func remember(_ schema: TableSchema) async throws {
        let least = life.histories.map(\.acknowledgedCount)
        let first = world.time.wallMilliseconds
        try await wait(until: first + 2)
        let milliseconds = world.time.wallMilliseconds - 1
        let allowed = zip(life.histories, least).map { history, least in
            history.states(of: schema.name, from: least, through: history.triedCount)
        }
        // What a crash has cut off goes on for a while, and remembers nothing.
        try await life.end.hear {}
        life.log.add("background: remember \(schema.name) at \(milliseconds)")
        life.past.add(
            PastBook.Moment(
                table: schema.name,
                milliseconds: milliseconds,
                allowed: allowed
            )
        )
        // What begins from now on is behind it.
    }

    func wait(until milliseconds: Int64) async throws {
        while world.time.wallMilliseconds < milliseconds {
            let world = world
            await withCheckedContinuation { continuation in
                world.scheduler.schedule(.housekeeping, after: .milliseconds(1)) {
                    continuation.resume()
                }
            }
        }
    }

    /// Compares a table at a moment with what it may have held there.
    func goBack(to moment: PastBook.Moment) async throws {
        guard let schema = life.tables.first(where: { $0.name == moment.table }) else { return }
        life.log.add("background: back to \(moment.table) at \(moment.milliseconds)")
        let database = life.database
        let found = FoundItems()
        try await life.end.hear {
            let past = try await database.findPast(
                of: moment.table,
                at: .at(moment.milliseconds)
            )
            try await database.readPast(past) { values throws(DatabaseError) in
                for value in values {
                    do throws(ItemError) {
                        found.add(try ItemDecoder.decode(value))
                    } catch {
                        throw DatabaseError(.internalFailure, error.description)
                    }
                }
            }
        }
        life.past.noteRead()
        for (position, allowed) in moment.allowed.enumerated() {
            var items: [ItemKey: Item] = [:]
            for item in found.all
            where CallGenerator.owner(of: item, schema.key, life.swarm) == .client(position) {
                items[schema.key(of: item)] = item
            }
            guard !allowed.contains(items) else { continue }
            throw Failure(
                "client \(position): \(moment.table) at \(moment.milliseconds) has \(items.count) items, "
                    + "which it had after none of \(allowed.count) changes"
            )
        }
    }
}

/// Items that were read, one page after the other.
private final class FoundItems: Sendable {
    private let items = Mutex<[Item]>([])

    func add(_ item: Item) { items.withLock { $0.append(item) } }

    var all: [Item] { items.withLock { $0 } }
}
