import ShaleLogs
import ShaleTables
import Testing

@testable import ShaleServices

/// Lines of many streams, as one.
@Suite struct MergedLinesTests {
    private static func withLogs(
        _ lines: [(stream: String, milliseconds: Int64)],
        _ body: (Logs) async throws -> Void
    ) async throws {
        let database = try await Database.inMemory()
        let logs = try await Logs(database)
        try await logs.createGroup("g")
        for stream in ["a", "b", "c"] { try await logs.createStream(stream, in: "g") }
        for (number, line) in lines.enumerated() {
            try await logs.append([(line.milliseconds, "\(number)")], to: line.stream, in: "g")
        }
        try await body(logs)
        try await database.close()
    }

    private static func all(
        _ logs: Logs,
        limit: Int,
        from: Int64? = nil,
        through: Int64? = nil
    ) async throws -> [[String]] {
        var pages: [[String]] = []
        var last: LogLine?
        repeat {
            var lines = MergedLines(
                logs,
                try await logs.streams(of: "g"),
                from: from,
                through: through,
                after: last.map { ($0.place, $0.stream) }
            )
            let page = try await lines.page(limit: limit) { _ in true }
            pages.append(page.lines.map(\.text))
            last = page.last
        } while last != nil
        return pages
    }

    @Test(arguments: 1...7)
    func `lines of one time are each answered once, in pages of any size`(
        _ limit: Int
    ) async throws {
        let lines: [(String, Int64)] = [
            ("b", 5), ("a", 5), ("b", 5), ("a", 5), ("c", 4), ("a", 6), ("c", 5),
        ]
        try await Self.withLogs(lines) { logs in
            let pages = try await Self.all(logs, limit: limit)
            #expect(pages.flatMap { $0 } == ["4", "1", "3", "0", "2", "6", "5"])
            #expect(pages.dropLast().allSatisfy { $0.count == limit })
        }
    }

    @Test func `a range has both of its ends`() async throws {
        try await Self.withLogs([("a", 1), ("b", 2), ("a", 3), ("b", 4)]) { logs in
            let pages = try await Self.all(logs, limit: 10, from: 2, through: 3)
            #expect(pages == [["1", "2"]])
        }
    }

    @Test func `lines that do not match count for nothing but the place`() async throws {
        try await Self.withLogs([("a", 1), ("b", 2), ("a", 3)]) { logs in
            var lines = MergedLines(
                logs,
                try await logs.streams(of: "g"),
                from: nil,
                through: nil,
                after: nil
            )
            let page = try await lines.page(limit: 1) { $0 == "1" }
            #expect(page.lines.map(\.text) == ["1"])
            #expect(page.last?.text == "1")
        }
    }
}
