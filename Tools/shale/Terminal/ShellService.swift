import ShaleItems
import ShaleOperations
import ShalePlatform
import ShaleTables
import ShaleWire

/// The operations of the API on an opened database, for subcommands that are one of them.
struct ShellService {
    static let bucketName = "shell"

    var service: Service
    private let world: World

    init(_ database: Database, bucket directory: String, _ world: World) {
        service = Service(database: database, region: "us-east-1", endpoint: "")
        service.buckets = [Self.bucketName: DirectoryBucket(directory, in: world)]
        self.world = world
    }

    /// Runs an operation that begins an export or import, and shows that it goes on until it has ended.
    /// - Returns: what is remembered of it.
    func transfer(
        _ operation: String,
        _ body: [UInt8],
        _ kind: TransferIdentity.Kind,
        _ label: String
    ) async throws -> Item {
        do throws(WireError) {
            _ = try await OperationRegistry.run(operation, RequestBody(body), on: service)
        } catch {
            throw Complaint(.problemFound, error.message)
        }
        guard let identity = service.database.transfers(kind).last?.identity else {
            throw Complaint(.failed, "\(operation) has left no trace")
        }
        var bar = ProgressBar(label, total: 0, time: world.time)
        while let progress = service.database.progress(of: identity) {
            let items = Terminal.grouped(progress.items)
            bar.update(
                done: progress.done,
                of: progress.total,
                "\(items) items, \(Int(bar.secondsSinceStart)) s"
            )
            try await Task.sleep(for: .milliseconds(20))
        }
        bar.finish()
        let done = service.database.transfer(identity)?.description ?? Item()
        if let reason = done["FailureMessage"]?.stringValue { throw Complaint(.failed, reason) }
        return done
    }
}

extension JSONWriter {
    /// Writes a member that is a text.
    mutating func text(_ name: String, _ text: String) {
        self.name(name)
        string(text)
    }
}
