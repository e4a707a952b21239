internal import ShaleItems
internal import ShaleJSON
internal import ShalePlatform
internal import ShaleStates
internal import ShaleTables
internal import Synchronization

/// Tasks of activities that no worker has taken yet, and workers that wait for one.
///
///     $activity-tasks   partition key  activity   S   the activity's ARN
///                       sort key       place      S   milliseconds (20 digits) # token
///                                      bytes      B   the input
///
/// An item is written in the record that schedules its task, and deleted in the one that says that a worker has begun. Items
/// whose task has ended otherwise are passed over and deleted when a worker comes to them.
package final class ActivityQueue: Sendable {
    /// A task that a worker gets.
    struct Offer: Sendable {
        var key: Item
        var token: String
        var input: [UInt8]
    }

    private struct Waiting {
        var number: Int
        var continuation: CheckedContinuation<Void, Never>
    }

    private struct State {
        var waiting: [String: [Waiting]] = [:]
        var next = 0
        var isStopped = false
    }

    private let table: SystemTable
    private let world: World
    private let state = Mutex(State())

    init(_ database: Database, _ world: World) async throws(DatabaseError) {
        self.world = world
        table = try await database.systemTable(
            "$activity-tasks",
            key: KeySchema(
                partition: KeySchema.Attribute("activity", .string),
                sort: KeySchema.Attribute("place", .string)
            )
        )
    }

    func put(_ task: OpenTask, at now: Int64, in writes: inout SystemWrites) {
        let place = ExecutionStore.padded(now, 20) + "#" + (task.token ?? "")
        writes.put(
            [
                "activity": .string(task.resource.arn), "place": .string(place),
                "bytes": .binary(task.arguments.encoded()),
            ],
            in: table
        )
    }

    func delete(_ key: Item, in writes: inout SystemWrites) { writes.delete(key, from: table) }

    func drop(_ key: Item) async throws(DatabaseError) { try await table.write(deleting: [key]) }

    /// The tasks of an activity that have waited longest.
    func offers(_ activity: String) async throws(DatabaseError) -> [Offer] {
        try await table.items(of: .string(activity), limit: 16).compactMap { item in
            guard let place = item["place"]?.stringValue, let mark = place.firstIndex(of: "#"),
                let input = item["bytes"]?.binaryValue
            else { return nil }
            let key: Item = ["activity": .string(activity), "place": .string(place)]
            return Offer(key: key, token: String(place[place.index(after: mark)...]), input: input)
        }
    }

    /// A task is there: one worker that waits looks again.
    func offer(_ task: OpenTask) { wakeNext(task.resource.arn) }

    /// The worker that waits longest looks again.
    func wakeNext(_ activity: String) {
        let next = state.withLock { state -> Waiting? in
            guard state.waiting[activity]?.isEmpty == false else { return nil }
            return state.waiting[activity]?.removeFirst()
        }
        next?.continuation.resume()
    }

    /// Waits until there may be a task, or some time has passed.
    func wait(_ activity: String, milliseconds: Int64) async {
        await withCheckedContinuation { continuation in
            let number = state.withLock { state -> Int? in
                guard !state.isStopped else { return nil }
                state.next += 1
                let waiting = Waiting(number: state.next, continuation: continuation)
                state.waiting[activity, default: []].append(waiting)
                return state.next
            }
            guard let number else { return continuation.resume() }
            let end = Duration.milliseconds(milliseconds)
            world.scheduler.schedule(.timer, after: end) { [weak self] in
                self?.end(activity, number)
            }
        }
    }

    private func end(_ activity: String, _ number: Int) {
        let waiting = state.withLock { state -> Waiting? in
            guard let place = state.waiting[activity]?.firstIndex(where: { $0.number == number })
            else { return nil }
            let waiting = state.waiting[activity]?.remove(at: place)
            if state.waiting[activity]?.isEmpty == true { state.waiting[activity] = nil }
            return waiting
        }
        waiting?.continuation.resume()
    }

    /// How many workers wait for an activity.
    func waitingCount(_ activity: String) -> Int {
        state.withLock { $0.waiting[activity]?.count ?? 0 }
    }

    /// Nobody waits any more.
    func stop() {
        let all = state.withLock { state in
            state.isStopped = true
            defer { state.waiting = [:] }
            return state.waiting.values.flatMap { $0 }
        }
        for waiting in all { waiting.continuation.resume() }
    }
}
