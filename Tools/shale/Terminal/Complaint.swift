import ShaleEngine
import ShalePlatform
import ShaleTables

/// How the process ends; documented in `shale --help`, never renumbered.
enum ExitStatus: Int32 {
    case done = 0
    case problemFound = 1
    case usage = 2
    case couldNotStart = 3
    case failed = 4
}

/// A sentence for the person at the terminal, and the exit code that goes with it.
struct Complaint: Error {
    let status: ExitStatus
    let message: String

    init(_ status: ExitStatus, _ message: String) {
        self.status = status
        self.message = message
    }

    /// A failure of the engine, with what can be done about it.
    init(_ error: EngineError, _ otherwise: ExitStatus = .failed) {
        let advice: String
        switch error.code {
        case .corrupted:
            advice =
                "\nLook with: shale verify DIR   Save what is left with: shale salvage DIR --to NEW"
        case .locked: advice = "\nAnother process has the database open; stop it first."
        case .foreignDirectory: advice = "\nNothing was changed. Name an empty or a new directory."
        case .newerFormat:
            advice = "\nNothing was changed. Use the release that wrote it, or a newer one."
        case .diskFull: advice = "\nMake room; what was acknowledged is safe."
        default: advice = ""
        }
        let status: ExitStatus
        switch error.code {
        case .corrupted: status = .problemFound
        case .locked, .foreignDirectory, .newerFormat: status = .couldNotStart
        case .diskFull, .logFailed: status = .failed
        default: status = otherwise
        }
        self.init(status, error.description + advice)
    }

    /// A refusal or failure of a call to the database.
    init(_ error: DatabaseError, _ otherwise: ExitStatus = .problemFound) {
        if let engine = error.engine {
            self.init(engine, otherwise == .couldNotStart ? .couldNotStart : .failed)
        } else {
            self.init(otherwise, error.message)
        }
    }

    /// A file call that failed before anything was done.
    init(_ error: FileError) {
        self.init(.couldNotStart, error.description)
    }
}
