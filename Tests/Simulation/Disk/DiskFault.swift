/// What can go wrong with the simulated disk on purpose.

public import ShalePlatform

/// A fault that strikes one file operation.
public struct DiskFault: Sendable, Equatable {
    /// The operations that faults and crash points tell apart.
    public enum Operation: String, Sendable, CaseIterable {
        /// Opening, making and locking files.
        case open
        /// Reading bytes.
        case read
        /// Writing bytes.
        case write
        /// Filling with zeros.
        case zeroFill
        /// Changing the size.
        case truncate
        /// Syncing a file.
        case sync
        /// Making a directory.
        case createDirectory
        /// Listing names or looking one up.
        case list
        /// Renaming.
        case rename
        /// Linking.
        case link
        /// Removing.
        case remove
        /// Syncing a directory.
        case syncDirectory

        /// Whether a crash before and after it may differ.
        var changesTheDisk: Bool {
            switch self {
            case .read, .list: false
            default: true
            }
        }
    }

    /// What the stricken operation does.
    public enum Effect: Sendable, Equatable {
        /// It fails and nothing has happened.
        case fail(FileError.Code)
        /// A sync fails, what was unsynced never becomes durable, and the next sync succeeds.
        case failAndForget
        /// A sync fails, and yet everything has become durable.
        case failYetArrive
        /// A write is acknowledged and never happens.
        case lose
        /// A write is seen by all who read, and never reaches the disk, whatever is synced.
        case loseLater
        /// A write goes to a place so many bytes further, back if negative, in the same file.
        case misdirect(bytes: Int)
        /// A write goes to the same place of another file.
        case stray
        /// All goes well, so many nanoseconds later.
        case slow(nanoseconds: UInt64)

        /// Whether the caller is told of something that is not so.
        var isLie: Bool {
            switch self {
            case .lose, .loseLater, .misdirect, .stray: true
            default: false
            }
        }
    }

    /// The operation that is struck.
    public var operation: Operation
    /// Only on paths that contain this text; empty for all.
    public var pathContains: String
    /// The how-manieth such operation from now on is struck, from 1.
    public var nth: Int
    /// Whether all later ones are struck as well.
    public var repeats: Bool
    /// What happens.
    public var effect: Effect

    /// Describes a fault; it strikes when it is given to a disk.
    public init(
        _ operation: Operation,
        path: String = "",
        nth: Int = 1,
        repeats: Bool = false,
        effect: Effect = .fail(.inputOutput)
    ) {
        precondition(nth >= 1, "the first operation is number 1")
        if effect == .failAndForget || effect == .failYetArrive {
            let isSync = operation == .sync || operation == .syncDirectory
            precondition(isSync, "only a sync fails half")
        }
        precondition(!effect.isLie || operation == .write, "a lie is about a write")
        self.operation = operation
        self.pathContains = path
        self.nth = nth
        self.repeats = repeats
        self.effect = effect
    }

    /// Counts one operation, and says whether it is struck.
    mutating func strikes(_ operation: Operation, _ path: String) -> Bool {
        guard operation == self.operation, Self.contains(path, pathContains) else { return false }
        nth -= 1
        return nth == 0 || (nth < 0 && repeats)
    }

    /// By bytes: Unicode's equivalence has no say in paths.
    private static func contains(_ path: String, _ part: String) -> Bool {
        let path = Array(path.utf8)
        let part = Array(part.utf8)
        guard part.count <= path.count else { return false }
        return (0...(path.count - part.count)).contains { start in
            path[start..<(start + part.count)].elementsEqual(part)
        }
    }
}

/// What a crash does to what was not synced.
public enum CrashMode: String, Sendable, CaseIterable {
    /// The power fails, and the seed decides for each file and for the names which of the others it is.
    case bySeed
    /// The power fails and nothing unsynced has arrived.
    case dropUnsynced
    /// The power fails and everything unsynced has arrived.
    case keepUnsynced
    /// The power fails; each sector and each name arrived or did not, by itself.
    case tearUnsynced
    /// Only the process dies: the kernel keeps what was written, and it stays unsynced.
    case killProcess
}
