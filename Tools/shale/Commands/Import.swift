import ArgumentParser
import ShaleItems
import ShaleOperations
import ShalePlatform
import ShaleTables
import ShaleWire

/// `shale import`: makes a table of files as the service's imports do.
struct Import: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Make a table of files in DynamoDB's own format, or of fields.",
        discussion: """
            Reads all files in a directory whose paths begin with a prefix, as ImportTable does.
            Lines that are no items of the table are counted and passed over; then the exit code
            is 1. The database must not be open elsewhere.

              shale import music.shale Songs exports --key artist:S --key title:S --gzip \\
                --prefix AWSDynamoDB/01764374400000-1a2b3c4d/data/
            """
    )

    @Argument(help: "The directory of the database.", completion: .directory)
    var directory: String

    @Argument(help: "The name of the new table.")
    var table: String

    @Argument(help: "The directory to read from.", completion: .directory)
    var source: String

    @Option(
        name: .customLong("key"),
        help: "An attribute of the key as NAME:S, NAME:N or NAME:B; once or twice."
    )
    var keys: [KeyOption]

    @Option(help: "What the paths of the files begin with.")
    var prefix: String?

    @Flag(help: "The files are compressed by gzip.")
    var gzip = false

    @Flag(help: "The files have fields with commas between, and names in the first line.")
    var csv = false

    func validate() throws {
        guard (1...2).contains(keys.count) else {
            throw ValidationError("A key has one attribute or two.")
        }
    }

    func run() async throws {
        try await Opening.withDatabase(directory) { database, world in
            try Opening.requireDirectory(source, world)
            let shell = ShellService(database, bucket: source, world)
            let done = try await shell.transfer("ImportTable", request, .import, "importing")
            let count = done["ImportedItemCount"]?.numberValue?.intValue ?? 0
            let refused = done["ErrorCount"]?.numberValue?.intValue ?? 0
            Terminal.complain("\(Terminal.grouped(count)) items into \(table)")
            guard refused == 0 else {
                throw Complaint(.problemFound, "\(Terminal.grouped(refused)) records are no items")
            }
        }
    }

    private var request: [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.text("InputFormat", csv ? "CSV" : "DYNAMODB_JSON")
        writer.text("InputCompressionType", gzip ? "GZIP" : "NONE")
        writer.name("S3BucketSource")
        writer.beginObject()
        writer.text("S3Bucket", ShellService.bucketName)
        if let prefix { writer.text("S3KeyPrefix", prefix) }
        writer.endObject()
        writer.name("TableCreationParameters")
        writer.beginObject()
        writer.text("TableName", table)
        writer.text("BillingMode", "PAY_PER_REQUEST")
        writer.name("AttributeDefinitions")
        writer.array(keys) { writer, key in
            writer.beginObject()
            writer.text("AttributeName", key.name)
            writer.text("AttributeType", key.type)
            writer.endObject()
        }
        writer.name("KeySchema")
        writer.array(Array(zip(keys, ["HASH", "RANGE"]))) { writer, pair in
            writer.beginObject()
            writer.text("AttributeName", pair.0.name)
            writer.text("KeyType", pair.1)
            writer.endObject()
        }
        writer.endObject()
        writer.endObject()
        return writer.bytes
    }
}

/// An attribute of a key on the command line.
struct KeyOption: ExpressibleByArgument {
    let name: String
    let type: String

    init?(argument: String) {
        guard let mark = argument.lastIndex(of: ":"), mark > argument.startIndex else { return nil }
        name = String(argument[..<mark])
        type = String(argument[argument.index(after: mark)...])
        guard ["S", "N", "B"].contains(type) else { return nil }
    }
}
