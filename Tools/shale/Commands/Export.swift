import ArgumentParser
import ShaleItems
import ShaleOperations
import ShalePlatform
import ShaleTables
import ShaleWire

/// `shale export`: writes a table into a directory as the service's exports are.
struct Export: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Export a table in DynamoDB's own format.",
        discussion: """
            Writes DIRECTORY/[PREFIX/]AWSDynamoDB/EXPORT with manifests and compressed data files,
            as ExportTableToPointInTime does, and prints the path of the summary. Without --at the
            table as it is now; with it as it was, where its past is kept.
            The database must not be open elsewhere.
            """
    )

    @Argument(help: "The directory of the database.", completion: .directory)
    var directory: String

    @Argument(help: "The name of the table.")
    var table: String

    @Argument(help: "The directory to write into; it must exist.", completion: .directory)
    var target: String

    @Option(help: "What keys in it begin with.")
    var prefix: String?

    @Option(help: "The time in UTC, as 2026-11-28T17:30:00Z; default is now.")
    var at: String?

    func validate() throws { _ = try Moment.milliseconds(at) }

    func run() async throws {
        let time = try Moment.milliseconds(at)
        try await Opening.withDatabase(directory) { database, world in
            try Opening.requireDirectory(target, world)
            _ = try Opening.table(table, of: database)
            var shell = ShellService(database, bucket: target, world)
            shell.service.exportsPresent = true
            var writer = JSONWriter()
            writer.beginObject()
            writer.text("TableArn", table)
            writer.text("S3Bucket", ShellService.bucketName)
            if let prefix { writer.text("S3Prefix", prefix) }
            if let time {
                writer.name("ExportTime")
                writer.double(Double(time) / 1_000)
            }
            writer.endObject()
            let done = try await shell.transfer(
                "ExportTableToPointInTime",
                writer.bytes,
                .export,
                "exporting"
            )
            print("\(target)/\(done["ExportManifest"]?.stringValue ?? "")")
            let count = done["ItemCount"]?.numberValue?.intValue ?? 0
            Terminal.complain("\(Terminal.grouped(count)) items of \(table)")
        }
    }
}
