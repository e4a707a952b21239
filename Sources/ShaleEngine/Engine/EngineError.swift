internal import ShaleBytes
public import ShalePlatform

/// What went wrong in the engine: the kind, the file and place where there is one, and the reason.
public struct EngineError: Error, Sendable, Equatable, CustomStringConvertible {
    /// The kinds that callers tell apart.
    public enum Code: Sendable, Equatable {
        /// Bytes on disk are not what was written. Names file and offset.
        case corrupted
        /// The directory holds something that is not a database of ours.
        case foreignDirectory
        /// The directory was written by a newer format than this program knows.
        case newerFormat
        /// Another process, or another opening in this one, has the database open.
        case locked
        /// The disk is full, and nothing was written. Reads and deletions go on; writes are taken again by
        /// themselves soon after there is space.
        case diskFull
        /// A file call failed for another reason.
        case inputOutput
        /// Writing or syncing the log failed, in one segment after the other: the outcome of the writes that
        /// were under way is unknown, and the database takes no more writes until it is opened anew.
        case logFailed
        /// The database was closed.
        case closed
        /// Flushes and compactions are behind, and the write has waited as long as it was to: nothing was written.
        case overloaded
        /// A key, a value or a batch is over its limit.
        case tooLarge
        /// No such table.
        case noSuchTable
        /// An argument makes no sense, as a split at a key outside of the table.
        case invalidArgument
        /// The read needs the disk, and the caller must not block. Never leaves the engine.
        case wouldBlock
    }

    private struct Fields: Sendable, Equatable {
        var code: Code
        var file: String?
        var offset: Int?
        var reason: String
    }

    private var fields: Boxed<Fields>

    /// The kind.
    public var code: Code {
        get { fields.value.code }
        set { fields.value.code = newValue }
    }
    /// The file, where there is one; relative to the database's directory.
    public var file: String? {
        get { fields.value.file }
        set { fields.value.file = newValue }
    }
    /// The byte offset in that file, where there is one.
    public var offset: Int? {
        get { fields.value.offset }
        set { fields.value.offset = newValue }
    }
    /// What, why, and what to do.
    public var reason: String {
        get { fields.value.reason }
        set { fields.value.reason = newValue }
    }

    /// Makes an error.
    public init(_ code: Code, file: String? = nil, offset: Int? = nil, _ reason: String) {
        fields = Boxed(Fields(code: code, file: file, offset: offset, reason: reason))
    }

    /// A failed file call.
    public init(_ error: FileError) {
        let code: Code =
            switch error.code {
            case .noSpace: .diskFull
            case .locked: .locked
            default: .inputOutput
            }
        self.init(code, file: error.path, error.description)
    }

    /// "000012.run, offset 4096: block checksum does not match".
    public var description: String {
        guard let file else { return reason }
        guard let offset else { return "\(file): \(reason)" }
        return "\(file), offset \(offset): \(reason)"
    }
}
