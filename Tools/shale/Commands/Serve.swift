import ArgumentParser
import Foundation
import Logging
import ShaleEngine
import ShalePlatform
import ShaleServer
import ShaleTables
import ShaleWire

/// `shale serve`: DynamoDB's API over HTTP, until SIGTERM or Ctrl-C.
struct Serve: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Serve DynamoDB's API over HTTP.",
        discussion: """
            Without credentials the server takes every signature and listens on the
            loopback address only. With them it verifies Signature Version 4, and any
            address will do. Credentials come from the environment,
            SHALE_ACCESS_KEY_ID and SHALE_SECRET_ACCESS_KEY, or from a file of lines
            `id:secret`, behind which `user=NAME` and `policy=FILE` may stand: a key with
            policies may do what they allow, one without may do everything.

            SIGTERM or Ctrl-C: no more connections are taken, requests under way are
            answered, the database is flushed and closed.

            GET /shale/health and GET /shale/metrics (Prometheus) need no signature.
            """
    )

    @Option(help: "The directory of the database; made if it is not there.", completion: .directory)
    var data: String

    @Option(help: "The name or address to listen on.")
    var host = "127.0.0.1"

    @Option(help: "The port to listen on; 0 takes a free one and logs it.")
    var port = 8_000

    @Option(help: "The region in the names of resources.")
    var region = "us-east-1"

    @Option(help: "The account in the names of resources: twelve digits.")
    var account = "000000000000"

    @Option(help: "The origin whose web pages may use the server, or `*`; none without this.")
    var cors: String?

    @Option(
        help: "A file of lines `id:secret`, each perhaps with `user=NAME policy=FILE` behind.",
        completion: .file()
    )
    var credentialsFile: String?

    @Option(
        help: """
            Which limits of capacity count: what tables declare, what the service has besides (key \
            ranges, growth on demand), or none.
            """
    )
    var capacity = CapacityChoice.declared

    @Option(help: "Memory for what is written, cached blocks and filters, as 64MiB or 2GiB.")
    var memoryBudget = ByteSize(bytes: EngineOptions().memoryBudgetBytes)

    @Option(
        help:
            "Memory for items by key, out of the budget; 0, the default, is none."
    )
    var itemCache: ByteSize?

    @Option(
        help: ArgumentHelp(
            "Keep pages of queries and scans of a table for so many seconds (300 without a number). They "
                + "may be older than writes by that much. May be given again.",
            valueName: "table[=seconds]"
        )
    )
    var cache: [String] = []

    @Option(help: "Most log on disk: what a restart after a crash has to replay.")
    var logCap = ByteSize(bytes: EngineOptions().logCapBytes)

    @Option(
        help: """
            Most disk for the records of streams, of which the last 24 hours are kept; at it, writes to \
            tables with a stream are throttled. The default is half of what is free at the start.
            """
    )
    var streamBudget: ByteSize?

    @Option(
        help: """
            Seconds between two looks at the clock: for items that have expired, records of streams that are \
            old, loads of scaled tables; from 1 to 3600.
            """
    )
    var housekeepingInterval = 1

    @Flag(
        help:
            "Refuse UpdateTimeToLive within an hour of the one before of its table, as the service does."
    )
    var timeToLiveHour = false

    @Option(
        name: .customLong("bucket"),
        help: "A directory for exports and imports, as NAME=DIRECTORY; may be given often."
    )
    var buckets: [NamedPath] = []

    @Flag(
        help: """
            For tests: the clock is set forward to whatever executions wait for, and by POST /shale/clock. \
            Only for a database that was made so.
            """
    )
    var virtualClock = false

    @OptionGroup(title: "Functions")
    var functions: FunctionOptions

    @Option(help: "The least level that is logged.")
    var logLevel = LogLevel.info

    @Option(help: "How lines of the log look; default is text on a terminal, else json.")
    var logFormat: LogFormat?

    func validate() throws {
        guard (0...65_535).contains(port) else {
            throw ValidationError("--port is from 0 to 65535.")
        }
        guard account.utf8.count == 12, account.utf8.allSatisfy({ 0x30...0x39 ~= $0 }) else {
            throw ValidationError("--account is twelve digits.")
        }
        guard cors.map(Self.isOrigin) ?? true else {
            throw ValidationError("--cors is `*` or an origin as http://localhost:3000.")
        }
        guard memoryBudget.bytes >= Self.leastMemoryBytes else {
            throw ValidationError("--memory-budget is at least 16MiB.")
        }
        guard itemCache.map({ $0.bytes <= memoryBudget.bytes / 2 }) ?? true else {
            throw ValidationError("--item-cache is at most half of --memory-budget.")
        }
        for text in cache { _ = try Self.pageLifetime(text) }
        guard (1...3_600).contains(housekeepingInterval) else {
            throw ValidationError("--housekeeping-interval is from 1 to 3600 seconds.")
        }
        guard logCap.bytes >= Self.leastLogBytes else {
            throw ValidationError("--log-cap is at least 8MiB.")
        }
        guard streamBudget.map({ $0.bytes >= Self.leastStreamBytes }) ?? true else {
            throw ValidationError("--stream-budget is at least 1MiB.")
        }
    }

    /// A table and how long its pages are kept, as `--cache` says.
    private static func pageLifetime(_ text: String) throws -> (table: String, Duration) {
        let parts = text.split(separator: "=", maxSplits: 1, omittingEmptySubsequences: false)
        guard let table = parts.first, !table.isEmpty else {
            throw ValidationError("--cache is the name of a table, or NAME=SECONDS.")
        }
        guard parts.count == 2 else { return (String(table), CacheOptions.pageLifetime) }
        guard let seconds = Int(parts[1]), (1...86_400).contains(seconds) else {
            throw ValidationError("--cache \(text): the seconds are from 1 to 86400.")
        }
        return (String(table), .seconds(seconds))
    }

    /// Whether a text is `*`, or a scheme and a host without a path.
    private static func isOrigin(_ text: String) -> Bool {
        if text == "*" { return true }
        for scheme in ["http://", "https://"] where text.hasPrefix(scheme) {
            let host = text.utf8.dropFirst(scheme.utf8.count)
            return !host.isEmpty
                && host.allSatisfy { $0 > 0x20 && $0 < 0x7F && $0 != UInt8(ascii: "/") }
        }
        return false
    }

    /// Clients wait behind a refusal better than in a connection; a flush takes less.
    private static let longestWriteWait = Duration.seconds(1)
    private static let leastMemoryBytes = 16 * 1024 * 1024
    private static let leastLogBytes = 8 * 1024 * 1024
    private static let leastStreamBytes = 1024 * 1024

    func run() async throws {
        do {
            var engine = EngineOptions()
            engine.memoryBudgetBytes = memoryBudget.bytes
            engine.logCapBytes = logCap.bytes
            let keys = try accessKeys()
            var options = DatabaseOptions(engine: engine)
            options.capacity = capacity.mode
            options.longestWriteWait = Self.longestWriteWait
            var configuration = ServerConfiguration(
                host: host,
                port: port,
                dataDirectory: data,
                credentials: keys.credentials,
                region: region,
                database: options
            )
            configuration.database.housekeepingInterval = .seconds(housekeepingInterval)
            if timeToLiveHour { configuration.database.timeToLiveChangeInterval = .seconds(3_600) }
            configuration.database.streamBudgetBytes = streamBudget?.bytes
            configuration.database.cache.itemBytes = itemCache?.bytes ?? 0
            for text in cache {
                let (table, lifetime) = try Self.pageLifetime(text)
                configuration.database.cache.pageLifetimes[table] = lifetime
            }
            configuration.crossOrigin = cors
            configuration.account = account
            configuration.functions = try functions.settings(data: data)
            configuration.hasVirtualClock = virtualClock
            configuration.callers = keys.callers
            configuration.buckets = Dictionary(buckets.map { ($0.name, $0.path) }) { $1 }
            try await serve(configuration, logger: logger())
        } catch let error as ServerError {
            throw Complaint(.couldNotStart, error.message)
        }
    }

    private func accessKeys() throws -> AccessKeys {
        guard let path = credentialsFile else {
            var keys = AccessKeys()
            keys.credentials = try CredentialSource.fromEnvironment(
                ProcessInfo.processInfo.environment
            )
            return keys
        }
        guard let bytes = FileManager.default.contents(atPath: path) else {
            throw Complaint(.couldNotStart, "\(path): cannot be read")
        }
        let directory = URL(fileURLWithPath: path).deletingLastPathComponent()
        return try CredentialSource.fromFile(String(decoding: bytes, as: UTF8.self), path: path) {
            FileManager.default.contents(
                atPath: URL(fileURLWithPath: $0, relativeTo: directory).path
            )
            .map { Array($0) }
        }
    }

    private func logger() -> Logger {
        switch logFormat ?? (Terminal.isWatched ? .text : .json) {
        case .json:
            Logger(label: "shale") { label in
                JSONLogHandler(label: label, level: logLevel.level, time: PosixTimeSource())
            }
        case .text:
            Logger(label: "shale") { label in
                var handler = StreamLogHandler.standardError(label: label)
                handler.logLevel = logLevel.level
                return handler
            }
        }
    }
}

/// Which limits of capacity count, as it is written on the command line.
enum CapacityChoice: String, CaseIterable, ExpressibleByArgument {
    case declared
    case service
    case unlimited

    /// The database's word for it.
    var mode: CapacityMode {
        switch self {
        case .declared: .declared
        case .service: .service
        case .unlimited: .unlimited
        }
    }
}

/// How a line of the log looks.
enum LogFormat: String, CaseIterable, ExpressibleByArgument {
    case text
    case json
}

/// The levels of the log, as they are written on the command line.
enum LogLevel: String, CaseIterable, ExpressibleByArgument {
    case debug
    case info
    case warning
    case error

    /// The library's word for it.
    var level: Logger.Level {
        switch self {
        case .debug: .debug
        case .info: .info
        case .warning: .warning
        case .error: .error
        }
    }
}
