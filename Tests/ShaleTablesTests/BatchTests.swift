import ShaleCapacity
import ShaleItems
import ShaleTables
import Testing

struct BatchTests {
    @Test func `a batch of 25 writes is read back by one of keys`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            try await database.put(Songs.song("Nina", "old"))
            var write = BatchWriteItemRequest([
                (
                    "Songs",
                    (0..<24).map { (number: Int) in
                        .put(Songs.song("Nina", "\(number)", year: 1965, plays: number))
                    }
                        + [.delete(key: Songs.key("Nina", "old"))]
                )
            ])
            write.returnConsumedCapacity = .indexes
            let written = try await database.batchWriteItem(write)
            #expect(written.unprocessedItems.isEmpty)
            #expect(written.consumedCapacity?.first?.table == CapacityUnits(25))
            #expect(written.consumedCapacity?.first?.localIndexes == ["ByYear": CapacityUnits(24)])
            var keys = KeysAndAttributes(
                keys: (0..<24).map { Songs.key("Nina", "\($0)") } + [Songs.key("Nina", "old")]
            )
            keys.projection = "plays"
            keys.consistentRead = true
            var get = BatchGetItemRequest([("Songs", keys)])
            get.returnConsumedCapacity = .total
            let read = try await database.batchGetItem(get)
            #expect(read.responses.first?.items == (0..<24).map { ["plays": .number(Number($0))] })
            #expect(read.unprocessedKeys.isEmpty)
            #expect(read.consumedCapacity?.first?.total == CapacityUnits(25))
            #expect(try await database.verifyIndexes("Songs").differences == [])
        }
    }

    @Test func `what is over 16 MB is named as unprocessed`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let text = String(repeating: "x", count: 390 * 1024)
            for number in 0..<50 {
                var item = Songs.song("Nina", "\(number)")
                item["text"] = .string(text)
                try await database.put(item)
            }
            let keys = KeysAndAttributes(keys: (0..<50).map { Songs.key("Nina", "\($0)") })
            let read = try await database.batchGetItem(BatchGetItemRequest([("Songs", keys)]))
            #expect(read.responses.first?.items.count == 42)
            #expect(read.unprocessedKeys.first?.keys.keys == Array(keys.keys[42...]))
        }
    }

    @Test(arguments: ["duplicate", "too many", "empty", "bad item", "no table"])
    func `a batch that breaks a rule writes nothing`(what: String) async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            var writes: [BatchWrite] = [.put(Songs.song("Nina", "a"))]
            var table = "Songs"
            switch what {
            case "duplicate": writes.append(.delete(key: Songs.key("Nina", "a")))
            case "too many": writes = (0..<26).map { .put(Songs.song("Nina", "\($0)")) }
            case "empty": writes = []
            case "bad item": writes.append(.put(["artist": "Nina"]))
            default: table = "Nothing"
            }
            let request = BatchWriteItemRequest([(table, writes)])
            let error = await failure { _ = try await database.batchWriteItem(request) }
            #expect(error?.code == (what == "no table" ? .resourceNotFound : .validation))
            #expect(try await database.all(ScanRequest(tableName: "Songs")) == [])
        }
    }

    @Test func `keys of a batch are distinct, of one kind and at most 100`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let key = Songs.key("Nina", "a")
            for keys in [
                [key, key], [["artist": "Nina"]], [], (0..<101).map { Songs.key("N", "\($0)") },
            ] {
                let request = BatchGetItemRequest([("Songs", KeysAndAttributes(keys: keys))])
                let error = await failure { _ = try await database.batchGetItem(request) }
                #expect(error?.code == .validation)
            }
        }
    }

    @Test func `a table may be in a batch twice, an item may not`() async throws {
        try await withDatabase { database in
            _ = try await database.createTable(Songs.request)
            let (one, two) = (Songs.song("Nina", "a", year: 1965), Songs.song("Nina", "b"))
            var write = BatchWriteItemRequest([("Songs", [.put(one)]), ("Songs", [.put(two)])])
            write.shownNames = ["first", "second"]
            write.returnConsumedCapacity = .total
            write.returnItemCollectionMetrics = .size
            let written = try await database.batchWriteItem(write)
            #expect(written.consumedCapacity?.map(\.tableName) == ["first", "second"])
            #expect(written.itemCollectionMetrics?.map(\.tableName) == ["first", "second"])
            func keys(_ titles: String...) -> KeysAndAttributes {
                KeysAndAttributes(keys: titles.map { Songs.key("Nina", $0) })
            }
            var read = BatchGetItemRequest([("Songs", keys("a")), ("Songs", keys("b"))])
            read.shownNames = ["first", "second"]
            let found = try await database.batchGetItem(read)
            #expect(found.responses.map(\.tableName) == ["first", "second"])
            #expect(found.responses.map(\.items) == [[one], [two]])
            let duplicates = "Provided list of item keys contains duplicates"
            write.requestItems[1].writes = [.delete(key: Songs.key("Nina", "a"))]
            let twice = await failure { _ = try await database.batchWriteItem(write) }
            #expect(twice?.message == duplicates)
            read.requestItems[1].keys = keys("b", "a")
            let again = await failure { _ = try await database.batchGetItem(read) }
            #expect(again?.message == duplicates)
            #expect(try await database.get(Songs.key("Nina", "a")) == one)
        }
    }
}
