import ArgumentParser
import ShaleEngine
import ShalePlatform

/// `shale inspect`: what every byte of a file of a database is.
struct Inspect: ParsableCommand {
    static let configuration = CommandConfiguration(
        abstract: "Explain every byte of files of a database.",
        discussion: """
            Each part has its offset and size; together they cover the file. Stale
            bytes and padding are named as such. Damage is named, and ends with 1.
            Reads only, also while a process has the database open; then what is
            just being written may look torn.
            """
    )

    @Argument(help: "Files: MANIFEST, segments of the log, run files.", completion: .file())
    var files: [String]

    @Flag(help: "One JSON object per part.")
    var json = false

    func run() throws {
        let world = World.posix()
        defer { world.scheduler.shutDown() }
        var status = ExitStatus.done
        for file in files {
            if !json { print("==== \(file)") }
            let parts: [FilePart]
            do throws(EngineError) {
                parts = try FileInspector.parts(of: file, in: world.files)
            } catch {
                // The other files are explained all the same.
                let complaint = Complaint(error, .couldNotStart)
                Terminal.complain("shale: \(complaint.message)")
                status = complaint.status
                continue
            }
            for part in parts { try show(part, of: file) }
            if status == .done, parts.contains(where: \.isDamaged) { status = .problemFound }
        }
        if status != .done { throw ExitCode(status.rawValue) }
    }

    private func show(_ part: FilePart, of file: String) throws {
        guard json else { return print(part) }
        print(try JSONOutput.line(InspectedPart(file, part)))
    }
}

/// A part of a file as `inspect --json` prints it.
struct InspectedPart: Encodable {
    let file: String
    let offset: Int
    let sizeBytes: Int
    let what: String
    let lines: [String]
    let isDamaged: Bool

    init(_ file: String, _ part: FilePart) {
        self.file = file
        offset = part.offset
        sizeBytes = part.sizeBytes
        what = part.what
        lines = part.lines
        isDamaged = part.isDamaged
    }
}
