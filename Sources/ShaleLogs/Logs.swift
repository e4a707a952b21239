internal import ShaleEngine
internal import ShaleItems
package import ShaleTables
internal import Synchronization

/// Lines that functions and clients write, in groups and streams, with retention.
///
/// Names and settings are written `.synced`, lines `.buffered`: they survive the process and not always the loss of power. Writes
/// take turns, so that a place is given once; reads do not wait.
package final class Logs: Sendable {
    let database: Database
    let groups: SystemTable
    let streams: SystemTable
    let lines: SystemTable
    let turn = Turn()
    private let settling = Mutex<[@Sendable () async -> Void]>([])

    /// Says how lines that wait to be written are: whoever gathers lines is asked before somebody looks.
    package func whenRead(_ settle: @escaping @Sendable () async -> Void) {
        settling.withLock { $0.append(settle) }
    }

    /// Waits until lines that were taken before are written, or could not be.
    package func settle() async {
        for settle in settling.withLock({ $0 }) { await settle() }
    }

    /// Opens the logs of a database.
    ///
    /// - Throws: `.failed`.
    package init(_ database: Database) async throws(LogsError) {
        self.database = database
        do throws(DatabaseError) {
            groups = try await database.systemTable(
                LogFormat.groupsTable,
                key: LogFormat.groupsKey
            )
            streams = try await database.systemTable(
                LogFormat.streamsTable,
                key: LogFormat.streamsKey
            )
            lines = try await database.systemTable(LogFormat.linesTable, key: LogFormat.linesKey)
        } catch {
            throw LogsError(error)
        }
    }

    /// A group.
    ///
    /// - Returns: The group.
    /// - Throws: `.notFound`, `.failed`.
    package func group(_ name: String) async throws(LogsError) -> LogGroup {
        let item = try await found(LogFormat.key(group: name), in: groups)
        guard let group = item.flatMap({ LogGroup($0) }) else { throw .noGroup }
        return group
    }

    /// Groups whose names begin so, in the order of their names.
    ///
    /// - Parameters:
    ///   - prefix: How names begin.
    ///   - last: The name behind which to go on.
    ///   - limit: The most groups.
    /// - Returns: The groups.
    /// - Throws: `.failed`.
    package func groups(
        prefix: String = "",
        after last: String? = nil,
        limit: Int = .max
    ) async throws(LogsError) -> [LogGroup] {
        var first = prefix
        if let last, !last.utf8.lexicographicallyPrecedes(prefix.utf8) { first = last + "\0" }
        let found = try await items(
            of: LogFormat.groupsPartition,
            in: groups,
            from: first.isEmpty ? nil : first,
            limit: limit
        )
        return found.compactMap { LogGroup($0) }
            .prefix { $0.name.utf8.starts(with: prefix.utf8) }
    }

    /// The bytes of a group's lines, each counted with 26 more; reads all of its streams, and none of its lines.
    ///
    /// - Returns: The bytes.
    /// - Throws: `.failed`.
    package func storedBytes(of name: String) async throws(LogsError) -> Int64 {
        try await items(of: .string(name), in: streams)
            .reduce(0) { $0 + (LogStream($1)?.storedBytes ?? 0) }
    }

    /// Makes a group.
    ///
    /// - Throws: `.alreadyExists`, `.invalid`, `.limitExceeded`, `.failed`.
    package func createGroup(
        _ name: String,
        tags: [String: String] = [:]
    ) async throws(LogsError) {
        try Self.check(name, "log group")
        await turn.take()
        defer { turn.give() }
        guard try await found(LogFormat.key(group: name), in: groups) == nil else {
            throw LogsError(.alreadyExists, "The specified log group already exists")
        }
        guard try await groups().count < LogsLimits.groups else {
            throw LogsError(.limitExceeded, "There are \(LogsLimits.groups) log groups already.")
        }
        var group = LogGroup(name: name, createdMilliseconds: database.wallMilliseconds)
        group.tags = tags
        try Self.check(tags)
        try await write(groups, putting: [group.item])
    }

    /// Changes the retention or tags of a group.
    ///
    /// - Throws: `.notFound`, `.invalid`, `.failed`.
    package func changeGroup(
        _ name: String,
        _ change: (inout LogGroup) -> Void
    ) async throws(LogsError) {
        await turn.take()
        defer { turn.give() }
        var group = try await group(name)
        change(&group)
        if let days = group.retentionDays, !LogsLimits.retentionDays.contains(days) {
            throw LogsError(.invalid, "\(days) is no number of days for which lines can be kept.")
        }
        try Self.check(group.tags)
        try await write(groups, putting: [group.item])
    }

    /// Deletes a group with its streams and lines.
    ///
    /// - Throws: `.notFound`, `.failed`.
    package func deleteGroup(_ name: String) async throws(LogsError) {
        await turn.take()
        defer { turn.give() }
        _ = try await group(name)
        for stream in try await streams(of: name) { try await delete(stream) }
        try await write(groups, deleting: [LogFormat.key(group: name)])
    }

    static func check(_ name: String, _ what: String) throws(LogsError) {
        guard LogsLimits.nameLengths.contains(name.utf8.count),
            name.utf8.allSatisfy({ $0 >= 0x20 && $0 != UInt8(ascii: "*") })
        else {
            throw LogsError(.invalid, "The name of a \(what) has 1 to 512 characters, and no *.")
        }
    }

    private static func check(_ tags: [String: String]) throws(LogsError) {
        guard tags.count <= LogsLimits.tags,
            tags.allSatisfy({ 1...128 ~= $0.key.count && $0.value.count <= 256 })
        else {
            throw LogsError(
                .invalid,
                "A log group has at most \(LogsLimits.tags) tags, each of at most 128 and 256 characters."
            )
        }
    }

    // MARK: Tables

    func found(_ key: Item, in table: SystemTable) async throws(LogsError) -> Item? {
        do throws(DatabaseError) { return try await table.item(key) } catch {
            throw LogsError(error)
        }
    }

    func items(
        of partition: AttributeValue,
        in table: SystemTable,
        from first: String? = nil,
        to end: String? = nil,
        limit: Int = .max,
        _ direction: ScanDirection = .ascending
    ) async throws(LogsError) -> [Item] {
        do throws(DatabaseError) {
            return try await table.items(
                of: partition,
                in: (first.map { .string($0) }, end.map { .string($0) }),
                limit: limit,
                direction
            )
        } catch {
            throw LogsError(error)
        }
    }

    func write(
        _ table: SystemTable,
        putting items: [Item] = [],
        deleting keys: [Item] = [],
        _ durability: Durability = .synced
    ) async throws(LogsError) {
        do throws(DatabaseError) {
            try await table.write(putting: items, deleting: keys, durability)
        } catch {
            throw LogsError(error)
        }
    }
}
