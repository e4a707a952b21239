import ShaleItems
import ShaleTables

extension Database {
    /// Runs a statement and answers with its items.
    @discardableResult
    func run(
        _ statement: String,
        _ parameters: AttributeValue...
    ) async throws(DatabaseError) -> [Item] {
        try await executeStatement(StatementRequest(statement, parameters: parameters)).items
    }

    /// All items of a statement and how many pages they took, page by page.
    func pages(
        _ statement: String,
        limit: Int? = nil,
        parameters: [AttributeValue] = []
    ) async throws(DatabaseError) -> (items: [Item], pages: Int) {
        var request = StatementRequest(statement, parameters: parameters)
        request.limit = limit
        var items: [Item] = []
        var pages = 0
        repeat {
            let page = try await executeStatement(request)
            items += page.items
            pages += 1
            request.nextToken = page.nextToken
        } while request.nextToken != nil && pages < 1_000
        return (items, pages)
    }
}

/// Runs `body` on a database with the songs that these tests read.
func withSongs(_ body: (Database) async throws -> Void) async throws {
    try await withDatabase { database in
        _ = try await database.createTable(Songs.request)
        for (artist, titles) in [("A", ["a", "b", "c", "d"]), ("B", ["a", "e"]), ("C", ["f"])] {
            for (index, title) in titles.enumerated() {
                try await database.put(
                    Songs.song(
                        artist,
                        title,
                        year: 2000 + index,
                        genre: index % 2 == 0 ? "rock" : "pop",
                        plays: 10 * index
                    )
                )
            }
        }
        try await body(database)
    }
}

/// "A/a A/b": the keys of songs, in their order.
func keys(_ items: [Item]) -> String {
    items.map { item in
        "\(item["artist"]?.stringValue ?? "")/\(item["title"]?.stringValue ?? "")"
    }.joined(separator: " ")
}
