internal import ShaleBytes

/// Entries in one direction: of a memtable, of a section, of a sorted run.
///
/// A structure, so that a merge of them is one piece of code without a call through a table or a counted
/// reference for an entry. Each key is visited once; tombstones are entries. What is lent is valid until the
/// source moves on. After an error it is of no further use.
protocol EntrySource: ~Copyable {
    /// Whether there is no entry here; then the others must not be asked for.
    var isAtEnd: Bool { get }
    var key: LentBytes { get }
    /// No bytes for a tombstone; for a large value a reference into `blobs`.
    var value: LentBytes { get }
    var kind: EntryKind { get }
    /// What the value here refers to, if it is of kind `blob`; nil where nobody follows references.
    var blobs: RunBlobs? { get }
    /// How often readers have lately used what this entry lies in; nil where it is not in memory, or where
    /// nobody asks.
    var warmth: Int? { get }
    /// Goes to the next entry.
    mutating func advance() throws(EngineError)
}

extension EntrySource where Self: ~Copyable {
    var blobs: RunBlobs? { nil }
    var warmth: Int? { nil }
}
