internal import ShaleItems

/// How far followers have got: items of the system table `$followers`.
///
///     follower   S: the name; the key
///     table      S: the table whose stream it reads
///     created    N: when that stream was switched on, milliseconds
///     place      S: the sequence number of the last change that is done; absent before the first
struct FollowerNotes: Sendable {
    /// Where a follower is.
    struct Place: Sendable, Equatable {
        var stream: StreamIdentity
        var last: StreamSequence?
    }

    private let table: SystemTable

    init(_ database: Database) async throws(DatabaseError) {
        table = try await database.systemTable(
            "$followers",
            key: KeySchema(partition: KeySchema.Attribute("follower", .string))
        )
    }

    /// Where a follower was; nil where its name is new.
    func place(of name: String) async throws(DatabaseError) -> Place? {
        guard let item = try await table.item(["follower": .string(name)]),
            let stream = item["table"]?.stringValue,
            let created = item["created"]?.numberValue?.intValue
        else { return nil }
        return Place(
            stream: StreamIdentity(tableName: stream, createdMilliseconds: Int64(created)),
            last: item["place"]?.stringValue.flatMap { StreamSequence($0) }
        )
    }

    /// The note that a follower is at a place.
    func note(_ name: String, at place: Place) -> SystemWrites {
        var item: Item = [
            "follower": .string(name), "table": .string(place.stream.tableName),
            "created": .number(Number(place.stream.createdMilliseconds)),
        ]
        if let last = place.last { item["place"] = .string(last.description) }
        var writes = SystemWrites()
        writes.put(item, in: table)
        return writes
    }

    /// Forgets a follower.
    func forget(_ name: String) async throws(DatabaseError) {
        try await table.write(deleting: [["follower": .string(name)]])
    }
}
