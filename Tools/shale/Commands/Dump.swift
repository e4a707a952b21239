import ArgumentParser
import Foundation
import ShaleEngine
import ShaleItems
import ShalePlatform
import ShaleTables
import ShaleWire

/// `shale dump`: the items of a table as JSON lines, in the form that DynamoDB's own export has.
struct Dump: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Write the items of a table as JSON lines.",
        discussion: """
            Each line is one item in DynamoDB JSON:
            {"Item": {"id": {"S": "a"}, "n": {"N": "1"}}}
            The database must not be open elsewhere.
            """
    )

    @Argument(help: "The directory of the database.", completion: .directory)
    var directory: String

    @Argument(help: "The name of the table.")
    var table: String

    @Option(
        name: .shortAndLong,
        help: "The file to write, which must not exist; default is standard output."
    )
    var output: String?

    func run() async throws {
        try await Opening.withDatabase(directory, access: .readOnly) { database, world in
            let description = try Opening.table(table, of: database)
            let handle = try outputHandle()
            var bar = ProgressBar("dumping", total: description.itemCount, time: world.time)
            var request = ScanRequest(tableName: table)
            var count = 0
            repeat {
                let page = try await Self.page(request, of: database)
                try handle.write(contentsOf: Data(Self.lines(page.items)))
                count += page.items.count
                bar.update(done: count, count: count)
                request.options.exclusiveStartKey = page.lastEvaluatedKey
            } while request.options.exclusiveStartKey != nil
            bar.finish()
            if output != nil {
                try handle.synchronize()
                try handle.close()
            }
            Terminal.complain("\(Terminal.grouped(count)) items of \(table)")
        }
    }

    private func outputHandle() throws -> FileHandle {
        guard let output else { return .standardOutput }
        guard !FileManager.default.fileExists(atPath: output) else {
            throw Complaint(.couldNotStart, "\(output) exists already; it stays as it is")
        }
        guard FileManager.default.createFile(atPath: output, contents: nil),
            let handle = FileHandle(forWritingAtPath: output)
        else {
            throw Complaint(.couldNotStart, "\(output): cannot be written")
        }
        return handle
    }

    private static func page(
        _ request: ScanRequest,
        of database: Database
    ) async throws(Complaint) -> PageResponse {
        do throws(DatabaseError) {
            return try await database.scan(request)
        } catch {
            throw Complaint(error)
        }
    }

    private static func lines(_ items: [Item]) -> [UInt8] {
        var lines: [UInt8] = []
        for item in items {
            var writer = JSONWriter()
            writer.beginObject()
            writer.name("Item")
            writer.item(item)
            writer.endObject()
            lines += writer.bytes
            lines.append(UInt8(ascii: "\n"))
        }
        return lines
    }
}
