import Foundation
import ShaleEngine
import ShaleItems
import ShalePlatform
import Synchronization
@testable import ShaleTables

/// Runs `body` on a database in memory that can be closed and opened again.
func withWorld<Answer>(_ body: (World) async throws -> Answer) async throws -> Answer {
    let world = World.inMemory()
    defer { world.scheduler.shutDown() }
    return try await body(world)
}

/// Runs `body` on a new database in memory, and closes it.
func withDatabase<Answer>(_ body: (Database) async throws -> Answer) async throws -> Answer {
    try await withWorld { world in
        let database = try await Database.open("db", in: world)
        let answer = try await body(database)
        try await database.close()
        return answer
    }
}

/// Runs `body` with a new directory on disk, and removes it afterwards.
func withDirectory<Answer>(_ body: (String) async throws -> Answer) async throws -> Answer {
    let directory = FileManager.default.temporaryDirectory
        .appendingPathComponent("shale-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
    let answer: Result<Answer, any Error>
    do {
        answer = .success(try await body(directory.path))
    } catch {
        answer = .failure(error)
    }
    try FileManager.default.removeItem(at: directory)
    return try answer.get()
}

/// The table that most tests use: songs by artist and title, with indexes of all kinds.
enum Songs {
    static var request: CreateTableRequest {
        var request = CreateTableRequest(
            tableName: "Songs",
            attributeDefinitions: [
                .string("artist"), .string("title"), .number("year"), .string("genre"),
            ],
            keySchema: [KeySchemaElement("artist", .partition), KeySchemaElement("title", .sort)]
        )
        request.billingMode = .payPerRequest
        request.localSecondaryIndexes = [
            SecondaryIndexDefinition(
                "ByYear",
                keySchema: [
                    KeySchemaElement("artist", .partition), KeySchemaElement("year", .sort),
                ],
                projection: .keysOnly
            )
        ]
        request.globalSecondaryIndexes = [
            SecondaryIndexDefinition(
                "ByGenre",
                keySchema: [
                    KeySchemaElement("genre", .partition), KeySchemaElement("year", .sort),
                ],
                projection: .include(["plays"])
            ),
            SecondaryIndexDefinition(
                "ByTitle",
                keySchema: [KeySchemaElement("title", .partition)],
                projection: .all
            ),
        ]
        return request
    }

    static func key(_ artist: String, _ title: String) -> Item {
        ["artist": .string(artist), "title": .string(title)]
    }

    static func song(
        _ artist: String,
        _ title: String,
        year: Int? = nil,
        genre: String? = nil,
        plays: Int? = nil
    ) -> Item {
        var item = key(artist, title)
        item["year"] = year.map { .number(Number($0)) }
        item["genre"] = genre.map { .string($0) }
        item["plays"] = plays.map { .number(Number($0)) }
        return item
    }
}

extension Database {
    func put(_ item: Item, in table: String = "Songs") async throws(DatabaseError) {
        _ = try await putItem(PutItemRequest(tableName: table, item: item))
    }

    func get(_ key: Item, in table: String = "Songs") async throws(DatabaseError) -> Item? {
        try await getItem(GetItemRequest(tableName: table, key: key)).item
    }

    /// All items of a query, page by page.
    func all(_ request: QueryRequest) async throws(DatabaseError) -> [Item] {
        var request = request
        var items: [Item] = []
        repeat {
            let page = try await query(request)
            items += page.items
            request.options.exclusiveStartKey = page.lastEvaluatedKey
        } while request.options.exclusiveStartKey != nil
        return items
    }

    /// All items of a scan, page by page.
    func all(_ request: ScanRequest) async throws(DatabaseError) -> [Item] {
        var request = request
        var items: [Item] = []
        repeat {
            let page = try await scan(request)
            items += page.items
            request.options.exclusiveStartKey = page.lastEvaluatedKey
        } while request.options.exclusiveStartKey != nil
        return items
    }
}

/// A request on the songs or one of their indexes.
func songsQuery(
    _ condition: String,
    _ values: [String: AttributeValue],
    index: String? = nil,
    names: [String: String]? = nil
) -> QueryRequest {
    var request = QueryRequest(tableName: "Songs", keyCondition: condition)
    request.options.indexName = index
    request.options.attributes = ExpressionAttributes(names: names, values: values)
    return request
}

/// What `body` throws.
func failure(_ body: () async throws -> Void) async -> DatabaseError? {
    do {
        try await body()
        return nil
    } catch {
        return error as? DatabaseError
    }
}

extension Database {
    /// Answers when what is being filled or restored in the background now has come to its end.
    func awaitBackgroundWork() async {
        let tasks = backfills.withLock { Array($0.values) }
        for task in tasks { await task.value }
        await Task.yield()
    }
}
