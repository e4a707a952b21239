/// What `salvage` has copied and what it could not.
public struct SalvageReport: Sendable {
    /// The tables of the new database, ascending by number.
    public var tables: [EngineTable] = []
    /// Entries written: an entry that several runs or records hold counts once for each.
    public var entriesCopied = 0
    /// Deletions written, counted likewise.
    public var tombstonesApplied = 0
    /// What could not be read, in the order in which it was met.
    public var lost: [LostRange] = []
    /// Files of which nothing could be read.
    public var unreadableFiles: [UnreadableFile] = []
    /// What else whoever trusts the copy should know.
    public var notes: [String] = []

    /// Whether all that was once durable has been copied.
    public var isComplete: Bool { lost.isEmpty && unreadableFiles.isEmpty }

    /// The whole report as text.
    public var lines: [String] {
        let head =
            "\(tables.count) tables, \(entriesCopied) entries copied, \(tombstonesApplied) "
            + "deletions applied"
        return [head] + unreadableFiles.map(\.description) + lost.map(\.description) + notes
    }
}

/// Something that is lost: keys of a table, or, where no table is named, writes of any table.
public struct LostRange: Hashable, Sendable, CustomStringConvertible {
    /// The table whose keys are lost; nil if the damage can concern any.
    public var table: TableID?
    /// Stored bytes of the first key that can be concerned; nil with no table.
    public var fromKey: [UInt8]?
    /// Stored bytes of the last key that can be concerned; nil with no table.
    public var toKey: [UInt8]?
    /// The damaged file.
    public var file: String
    /// Where in it, in bytes.
    public var offset: Int?
    /// What is wrong there.
    public var reason: String

    /// One line, with what may have been copied instead.
    public var description: String {
        let place = offset.map { "\(file), offset \($0)" } ?? file
        guard let table, let fromKey, let toKey else {
            return "lost writes (\(place)): \(reason); older versions of what they changed or "
                + "deleted, if any, were copied"
        }
        return "lost of \(table): keys from \(EntryKey.words(of: fromKey)) to "
            + "\(EntryKey.words(of: toKey)) (\(place)): \(reason); older versions of these keys, if "
            + "any, were copied"
    }
}

/// A file of which nothing could be read.
public struct UnreadableFile: Hashable, Sendable, CustomStringConvertible {
    /// Its name.
    public var file: String
    /// What is wrong with it.
    public var reason: String

    /// "000004.run: not readable: …".
    public var description: String { "\(file): not readable: \(reason)" }
}

/// How far a salvage is.
public struct SalvageProgress: Sendable {
    /// The file being read.
    public var file: String
    /// Entries copied so far.
    public var entriesCopied: Int
}
