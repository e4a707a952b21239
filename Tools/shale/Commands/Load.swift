import ArgumentParser
import Foundation
import ShaleEngine
import ShaleItems
import ShalePlatform
import ShaleTables
import ShaleWire

/// `shale load`: puts items from JSON lines into a table.
///
/// Lines are taken in their order, so of two items with one key the later one stays. Writes are
/// buffered and made durable when the database closes: the command ends with 0 only after that.
struct Load: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Put items from JSON lines into a table.",
        discussion: """
            Each line is one item in DynamoDB JSON, with or without an "Item" around
            it: what `dump` writes. The table must exist; items with a key that is
            there already are replaced. Stops at the first line that is no item of
            this table, and says which; lines before it are loaded.
            The database must not be open elsewhere.
            """
    )

    @Argument(help: "The directory of the database.", completion: .directory)
    var directory: String

    @Argument(help: "The name of the table.")
    var table: String

    @Argument(help: "The file to read; - is standard input.", completion: .file())
    var file = "-"

    func run() async throws {
        let (handle, size) = try input()
        let options = DatabaseOptions(durability: .buffered)
        try await Opening.withDatabase(directory, options) { database, world in
            _ = try Opening.table(table, of: database)
            var lines = LineReader(handle)
            var bar = ProgressBar("loading", total: size, time: world.time)
            var number = 0
            var count = 0
            while let line = try lines.next() {
                number += 1
                guard line.contains(where: { $0 > UInt8(ascii: " ") }) else { continue }
                try await put(line, number, into: database)
                count += 1
                bar.update(done: lines.consumedBytes, count: count)
            }
            bar.finish()
            Terminal.complain("\(Terminal.grouped(count)) items into \(table)")
        }
    }

    private func input() throws(Complaint) -> (FileHandle, sizeBytes: Int) {
        guard file != "-" else { return (.standardInput, 0) }
        guard let handle = FileHandle(forReadingAtPath: file) else {
            throw Complaint(.couldNotStart, "\(file): cannot be read")
        }
        // The size is for the progress bar only.
        let attributes = try? FileManager.default.attributesOfItem(atPath: file)
        return (handle, (attributes?[.size] as? Int) ?? 0)
    }

    private func put(
        _ line: [UInt8],
        _ number: Int,
        into database: Database
    ) async throws(Complaint) {
        let item: Item
        do throws(WireError) {
            item = try Self.item(line)
        } catch {
            throw Complaint(.problemFound, "\(file), line \(number): \(error.message)")
        }
        do throws(DatabaseError) {
            _ = try await database.putItem(PutItemRequest(tableName: table, item: item))
        } catch {
            guard error.engine == nil else { throw Complaint(error) }
            throw Complaint(.problemFound, "\(file), line \(number): \(error.message)")
        }
    }

    /// Reads `{"Item": {…}}` or the attributes alone.
    static func item(_ line: [UInt8]) throws(WireError) -> Item {
        do throws(WireError) {
            var reader = JSONReader(line)
            let item = try reader.readItem()
            try reader.finish()
            return item
        } catch let plain {
            var reader = JSONReader(line)
            var item: Item?
            do throws(WireError) {
                try reader.readStructure { (inner, name) throws(WireError) in
                    guard name.utf8.elementsEqual("Item".utf8) else { return try inner.skipValue() }
                    item = try inner.readItem()
                }
                try reader.finish()
            } catch {
                throw plain
            }
            guard let item else { throw plain }
            return item
        }
    }
}
