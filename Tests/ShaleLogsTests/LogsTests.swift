import ShaleEngine
import ShaleTables
import Testing

@testable import ShaleLogs

struct LogsTests {
    private static func withLogs(_ body: (Logs) async throws -> Void) async throws {
        let database = try await Database.inMemory()
        let logs = try await Logs(database)
        try await logs.createGroup("g", tags: ["owner": "music"])
        try await logs.createStream("s", in: "g")
        try await body(logs)
        try await database.close()
    }

    @Test func `lines are read in the order of time, then of writing`() async throws {
        try await Self.withLogs { logs in
            try await logs.append([(20, "b"), (10, "a")], to: "s", in: "g")
            try await logs.append([(20, "c")], to: "s", in: "g")
            let lines = try await logs.lines(of: "s", in: "g")
            #expect(lines.map(\.text) == ["a", "b", "c"])
            var later = Logs.Range()
            later.start = lines[0].place.behind
            #expect(try await logs.lines(of: "s", in: "g", later, limit: 1).map(\.text) == ["b"])
            let last = try await logs.lines(of: "s", in: "g", limit: 2, .descending)
            #expect(last.map(\.text) == ["b", "c"])
        }
    }

    @Test func `lines older than the retention go, the others stay`() async throws {
        try await Self.withLogs { logs in
            let now = logs.database.wallMilliseconds
            try await logs.append([(now - 2 * 86_400_000, "old"), (now, "new")], to: "s", in: "g")
            try await logs.expire()
            #expect(try await logs.lines(of: "s", in: "g").count == 2)
            try await logs.changeGroup("g") { $0.retentionDays = 1 }
            try await logs.expire()
            #expect(try await logs.lines(of: "s", in: "g").map(\.text) == ["new"])
        }
    }

    @Test func `a deleted group leaves nothing to one of the same name`() async throws {
        try await Self.withLogs { logs in
            try await logs.append([(1, "a")], to: "s", in: "g")
            try await logs.deleteGroup("g")
            await #expect(throws: LogsError.noGroup) { try await logs.lines(of: "s", in: "g") }
            try await logs.createGroup("g")
            try await logs.createStream("s", in: "g")
            #expect(try await logs.lines(of: "s", in: "g").isEmpty)
        }
    }

    @Test func `a long text is cut between characters`() {
        let text = String(repeating: "é", count: LogsLimits.lineSizeBytes / 2) + "x"
        let pieces = Logs.pieces(of: "a" + text)
        #expect(pieces.joined() == "a" + text)
        #expect(pieces.allSatisfy { $0.utf8.count <= LogsLimits.lineSizeBytes })
    }

    @Test func `what lines count is added when they come, and taken off when they go`()
        async throws
    {
        try await Self.withLogs { logs in
            let now = logs.database.wallMilliseconds
            let lines = [(now - 2 * 86_400_000, "old"), (now, "newer")]
            try await logs.append(lines, to: "s", in: "g")
            #expect(try await logs.storedBytes(of: "g") == 3 + 5 + 2 * 26)
            try await logs.changeGroup("g") { $0.retentionDays = 1 }
            try await logs.expire()
            #expect(try await logs.storedBytes(of: "g") == 5 + 26)
        }
    }

    @Test(
        arguments: [
            ("", nil, 10, ["a", "b/1", "b/2", "b/3", "c", "g"]),
            ("b/", nil, 2, ["b/1", "b/2"]), ("b/", "b/2", 10, ["b/3"]),
            ("b/", "a", 10, ["b/1", "b/2", "b/3"]), ("", "c", 10, ["g"]), ("d", nil, 10, []),
        ] as [(String, String?, Int, [String])]
    )
    func `groups are listed from a name on, those that begin so`(
        _ prefix: String,
        _ last: String?,
        _ limit: Int,
        _ names: [String]
    ) async throws {
        try await Self.withLogs { logs in
            for name in ["c", "b/2", "a", "b/1", "b/3"] { try await logs.createGroup(name) }
            let found = try await logs.groups(prefix: prefix, after: last, limit: limit)
            #expect(found.map(\.name) == names)
        }
    }
}
