import ArgumentParser
import Foundation
import ShaleEngine
import ShalePlatform
import ShaleTables

/// `shale salvage`: everything that verifies, into a new database; and a list of what is lost.
struct SalvageCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "salvage",
        abstract: "Copy all that verifies of a damaged database into a new one.",
        discussion: """
            Lists what is lost by key range and ends with 1 if anything is. Secondary
            indexes of the copy are made to agree with its items. The damaged
            directory is never changed. It must not be open elsewhere.
            """
    )

    @Argument(help: "The directory of the damaged database.", completion: .directory)
    var directory: String

    @Option(help: "The new directory, which must be empty or not be there.", completion: .directory)
    var to: String

    @Flag(help: "One JSON object.")
    var json = false

    func run() async throws {
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        try Opening.requireDirectory(directory, world)
        let report = try copy(world)
        var outcome = SalvageOutcome(report)
        try await rebuildIndexes(&outcome)
        print(json ? try JSONOutput.line(outcome) : outcome.text)
        guard outcome.isComplete else { throw ExitCode(ExitStatus.problemFound.rawValue) }
    }

    private func copy(_ world: World) throws(Complaint) -> SalvageReport {
        defer { Terminal.clear() }
        do throws(EngineError) {
            return try Salvage.run(from: directory, to: to, in: world) { progress in
                let count = Terminal.grouped(progress.entriesCopied)
                Terminal.show("salvaging \(progress.file), \(count) entries copied")
            }
        } catch {
            throw Complaint(error, .couldNotStart)
        }
    }

    private func rebuildIndexes(_ outcome: inout SalvageOutcome) async throws {
        var rebuilt = outcome
        try await Opening.withDatabase(to) { database, _ in
            for name in try Opening.tableNames(of: database) {
                do throws(DatabaseError) {
                    let changes = try await database.rebuildIndexes(name)
                    rebuilt.indexEntriesWritten += changes.written
                    rebuilt.indexEntriesRemoved += changes.removed
                } catch {
                    throw Complaint(error)
                }
            }
        }
        outcome = rebuilt
    }
}

/// What `salvage` did, for people and for programs.
struct SalvageOutcome: Encodable {
    let tables: Int
    let entriesCopied: Int
    let deletionsApplied: Int
    let lost: [String]
    let unreadableFiles: [String]
    let notes: [String]
    let isComplete: Bool
    var indexEntriesWritten = 0
    var indexEntriesRemoved = 0

    init(_ report: SalvageReport) {
        tables = report.tables.count
        entriesCopied = report.entriesCopied
        deletionsApplied = report.tombstonesApplied
        lost = report.lost.map(\.description)
        unreadableFiles = report.unreadableFiles.map(\.description)
        notes = report.notes
        isComplete = report.isComplete
    }

    var text: String {
        let copied =
            "\(Terminal.grouped(entriesCopied)) entries of \(Terminal.grouped(tables)) engine tables "
            + "copied, \(Terminal.grouped(deletionsApplied)) deletions applied"
        let indexes =
            "indexes: \(Terminal.grouped(indexEntriesWritten)) entries written anew, "
            + "\(Terminal.grouped(indexEntriesRemoved)) removed"
        let end = isComplete ? "nothing is lost" : "\(lost.count + unreadableFiles.count) losses"
        return (notes + unreadableFiles + lost + [copied, indexes, end]).joined(separator: "\n")
    }
}
