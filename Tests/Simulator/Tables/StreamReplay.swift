internal import ShaleItems
internal import ShaleTables

/// Replays the stream of a table: what it says must be what is in the table.
enum StreamReplay {
    /// Reads after which a shard does not end.
    private static let readLimit = 20_000

    /// Compares a table that had a stream from its first item on with what its records make of nothing.
    ///
    /// Every record must begin with what the record before it left of its item.
    static func check(
        _ database: Database,
        _ table: TableDescription,
        _ items: [Item]
    ) async throws {
        guard let created = table.streamMilliseconds else { return }
        let identity = StreamIdentity(tableName: table.tableName, createdMilliseconds: created)
        var made: [Item: Item] = [:]
        for record in try await records(database, identity) {
            guard record.oldImage == made[record.keys] else {
                throw Failure(
                    "record \(record.sequence) of the stream of \(table.tableName) changes "
                        + "\(record.oldImage?.words ?? "nothing"), but before it there was "
                        + "\(made[record.keys]?.words ?? "nothing")"
                )
            }
            made[record.keys] = record.newImage
        }
        let key = KeySchema(elements: table.keySchema, table)
        var there: [Item: Item] = [:]
        for item in items {
            there[Item(key.attributes.map { ($0.name, item[$0.name] ?? .null) })] = item
        }
        guard there != made else { return }
        let differing = Set(there.keys).union(made.keys).filter { there[$0] != made[$0] }
        let first = differing.min { $0.words < $1.words }
        throw Failure(
            "at \(first?.words ?? "") the stream of \(table.tableName) makes "
                + "\(first.flatMap { made[$0] }?.words ?? "nothing"), the table holds "
                + "\(first.flatMap { there[$0] }?.words ?? "nothing")"
        )
    }

    /// What is in a stream, shard by shard.
    static func records(
        _ database: Database,
        _ stream: StreamIdentity
    ) async throws -> [ChangeRecord] {
        var records: [ChangeRecord] = []
        var request = DescribeStreamRequest(stream)
        repeat {
            let description = try await database.describeStream(request)
            for shard in description.shards {
                records += try await self.records(database, stream, shard.identity)
            }
            request.exclusiveStart = description.lastEvaluated
        } while request.exclusiveStart != nil
        return records
    }

    private static func records(
        _ database: Database,
        _ stream: StreamIdentity,
        _ shard: ShardIdentity
    ) async throws -> [ChangeRecord] {
        var records: [ChangeRecord] = []
        var next: ShardIterator? = try await database.shardIterator(stream, shard, .trimHorizon)
        for _ in 0..<readLimit {
            guard let iterator = next else { return records }
            let read = try await database.getRecords(iterator, limit: 100)
            for record in read.records {
                guard records.last.map({ $0.sequence < record.sequence }) ?? true else {
                    throw Failure("\(shard) gives \(record.sequence) behind a later one")
                }
                records.append(record)
            }
            // Of an open shard there is no end, but nobody writes.
            next = read.records.isEmpty ? nil : read.next
        }
        throw Failure("\(shard) never ends")
    }
}
