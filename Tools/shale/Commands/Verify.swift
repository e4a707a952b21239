import ArgumentParser
import ShaleEngine
import ShalePlatform
import ShaleTables

/// `shale verify`: reads everything and says OK, or names file, offset and what is wrong.
struct Verify: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Check every checksum, every file against the others, every index.",
        discussion: """
            Prints OK, or one line per problem with file and offset, and ends with 1.
            Backups, restore points and the archived log are checked as well.
            Nothing is changed. The database must not be open elsewhere, unless with
            --online: then all sorted runs and blob segments that there are when it
            begins are checked beside the process that has the database open; its log,
            its memory and its indexes are not.
            """
    )

    @Argument(help: "The directory of the database.", completion: .directory)
    var directory: String

    @Flag(help: "One JSON object.")
    var json = false

    @Flag(help: "Check runs and blob segments of a database that is open, as by a server.")
    var online = false

    func run() async throws {
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        try Opening.requireDirectory(directory, world)
        var outcome = VerifyOutcome(try files(directory, world))
        if !online { try checkCheckpoints(&outcome, world) }
        if outcome.canOpen, !online { try await checkIndexes(&outcome) }
        print(json ? try JSONOutput.line(outcome) : outcome.text)
        guard outcome.isWhole else { throw ExitCode(ExitStatus.problemFound.rawValue) }
    }

    /// Backups and restore points are databases like this one, without a catalog.
    private func checkCheckpoints(_ outcome: inout VerifyOutcome, _ world: World) throws(Complaint)
    {
        do throws(EngineError) {
            for path in try Verification.checkpoints(in: directory, world) {
                do throws(Complaint) {
                    outcome.add(try files(directory + "/" + path, world), of: path)
                } catch {
                    outcome.problems.append("\(path): \(error.message)")
                }
            }
            outcome.problems += try Verification.archiveProblems(in: directory, world)
                .map(\.description)
        } catch {
            throw Complaint(error, .couldNotStart)
        }
    }

    private func files(
        _ directory: String,
        _ world: World
    ) throws(Complaint) -> Verification.Report {
        var bar = ProgressBar("verifying", total: 0, time: world.time)
        defer { bar.finish() }
        do throws(EngineError) {
            let show = { (done: Int, total: Int) in
                bar.update(done: done, of: total, "\(done) of \(total) files")
            }
            return online
                ? try Verification.runOnline(directory, in: world, progress: show)
                : try Verification.run(directory, in: world, progress: show)
        } catch {
            throw Complaint(error, .couldNotStart)
        }
    }

    private func checkIndexes(_ outcome: inout VerifyOutcome) async throws {
        var checked = outcome
        try await Opening.withDatabase(directory, access: .readOnly) { database, world in
            let names = try Opening.tableNames(of: database)
            var bar = ProgressBar("verifying", total: 0, time: world.time)
            for (index, name) in names.enumerated() {
                bar.update(done: index, of: names.count, "indexes of \(name)")
                do throws(DatabaseError) {
                    checked.add(try await database.verifyIndexes(name), of: name)
                } catch {
                    checked.problems.append("indexes of \(name): \(error.message)")
                }
            }
            bar.finish()
        }
        outcome = checked
    }
}

/// What `verify` found, for people and for programs.
struct VerifyOutcome: Encodable {
    var problems: [String]
    var notes: [String]
    let runFiles: Int
    let runFileSizeBytes: Int
    let blobFiles: Int
    let blobFileSizeBytes: Int
    let entries: Int
    let logRecords: Int
    /// Backups and restore points.
    var checkpoints = 0
    var tables = 0
    var items = 0
    var indexEntries = 0
    /// Whether log and manifest are whole, so that the tables can be read.
    let canOpen: Bool

    init(_ report: Verification.Report) {
        problems = report.problems.map(\.description)
        notes = report.notes
        runFiles = report.runFileCount
        runFileSizeBytes = report.runFileSizeBytes
        blobFiles = report.blobFileCount
        blobFileSizeBytes = report.blobFileSizeBytes
        entries = report.entryCount
        logRecords = report.logRecordCount
        canOpen = report.isWhole
    }

    mutating func add(_ verification: IndexVerification, of table: String) {
        tables += 1
        items += verification.items
        indexEntries += verification.entries
        problems += verification.differences.map { "table \(table): \($0)" }
    }

    mutating func add(_ report: Verification.Report, of checkpoint: String) {
        checkpoints += 1
        problems += report.problems.map { "\(checkpoint): \($0)" }
    }

    var isWhole: Bool { problems.isEmpty }

    /// The last line says it all.
    var text: String {
        var lines = notes.map { "note: \($0)" } + problems
        let files =
            "\(Terminal.grouped(runFiles)) run files with \(Terminal.grouped(entries)) entries "
            + "(\(Terminal.size(runFileSizeBytes))), \(Terminal.grouped(blobFiles)) blob segments "
            + "(\(Terminal.size(blobFileSizeBytes))), \(Terminal.grouped(logRecords)) log records"
        if isWhole {
            lines.append(
                "OK: \(files); \(Terminal.grouped(tables)) tables, \(Terminal.grouped(items)) items, "
                    + "\(Terminal.grouped(indexEntries)) index entries"
                    + (checkpoints == 0 ? "" : "; \(checkpoints) checkpoints of the past")
            )
        } else {
            if !canOpen { lines.append("the tables were not read: the files come first") }
            lines.append("\(problems.count) problems: \(files)")
        }
        return lines.joined(separator: "\n")
    }
}
