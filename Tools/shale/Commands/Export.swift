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
            table as it is now; with it as it was, where its past is kept. With --from what was
            written since then and before --to, at most 24 hours: a line for each item, with what it
            was before and at the end, into DIRECTORY/[PREFIX/]AWSDynamoDB/data.
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

    @Option(help: "Only what was written from this time on; the table must keep its past.")
    var from: String?

    @Option(help: "And before this time; default is now.")
    var to: String?

    @Flag(help: "With --from: leave out what items were before.")
    var newImages = false

    func validate() throws {
        for text in [at, from, to] { _ = try Moment.milliseconds(text) }
        guard from != nil || (to == nil && !newImages) else {
            throw ValidationError("--to and --new-images are for exports with --from.")
        }
        guard from == nil || at == nil else {
            throw ValidationError("An export is of one time (--at) or of changes (--from).")
        }
    }

    func run() async throws {
        let request = try request()
        try await Opening.withDatabase(directory) { database, world in
            try Opening.requireDirectory(target, world)
            _ = try Opening.table(table, of: database)
            var shell = ShellService(database, bucket: target, world)
            shell.service.exportsPresent = true
            let done = try await shell.transfer(
                "ExportTableToPointInTime",
                request,
                .export,
                "exporting"
            )
            print("\(target)/\(done["ExportManifest"]?.stringValue ?? "")")
            let count = done["ItemCount"]?.numberValue?.intValue ?? 0
            let what = from == nil ? "items" : "changes"
            Terminal.complain("\(Terminal.grouped(count)) \(what) of \(table)")
        }
    }

    /// As a client of the service asks.
    private func request() throws -> [UInt8] {
        var writer = JSONWriter()
        func time(_ name: String, _ text: String?) throws {
            guard let milliseconds = try Moment.milliseconds(text) else { return }
            writer.name(name)
            writer.double(Double(milliseconds) / 1_000)
        }
        writer.beginObject()
        writer.text("TableArn", table)
        writer.text("S3Bucket", ShellService.bucketName)
        if let prefix { writer.text("S3Prefix", prefix) }
        try time("ExportTime", at)
        if from != nil {
            writer.text("ExportType", "INCREMENTAL_EXPORT")
            writer.name("IncrementalExportSpecification")
            writer.beginObject()
            try time("ExportFromTime", from)
            try time("ExportToTime", to)
            writer.text("ExportViewType", newImages ? "NEW_IMAGE" : "NEW_AND_OLD_IMAGES")
            writer.endObject()
        }
        writer.endObject()
        return writer.bytes
    }
}
