/// What goes wrong with files by itself, in the words that systems use for it.
///
/// The file systems that have no operating system below them (memory, simulation) complain with
/// these, so that an error reads the same wherever it comes from.

/// A reason that needs no system call to be found.
package enum FileComplaint: String, Error, Sendable {
    case noSuchFile = "No such file or directory"
    case exists = "File exists"
    case isDirectory = "Is a directory"
    case isNotDirectory = "Not a directory"
    case isNotEmpty = "Directory not empty"
    case noSpace = "No space left on device"
    case isLocked = "Resource temporarily unavailable"
    case readOnly = "Bad file descriptor"
    case ioError = "Input/output error"
    case fileIsClosed = "The file is closed"

    package var code: FileError.Code {
        switch self {
        case .noSuchFile, .isNotDirectory: .notFound
        case .exists: .alreadyExists
        case .noSpace: .noSpace
        case .isLocked: .locked
        case .isDirectory, .isNotEmpty, .readOnly, .ioError, .fileIsClosed: .inputOutput
        }
    }
}

extension FileError {
    /// An error with the usual words.
    package init(_ complaint: FileComplaint, _ operation: String, _ path: String) {
        self.init(complaint.code, operation, path, complaint.rawValue)
    }
}
