internal import ShaleBytes

/// Visits entries in one direction: of a memtable, of a section, of a sorted run, or of several of
/// them merged.
///
/// Each key is visited once; tombstones are entries.
///
/// A cursor is used by one thread at a time. After an error it is of no further use but to be dropped.
/// Key and value are lent until the cursor moves; whoever keeps them makes a copy.
protocol EntryCursor: AnyObject {
    /// Whether there is no entry here. Then the other members must not be used, but for `seek`.
    var isAtEnd: Bool { get }
    /// The stored bytes of the key here.
    var lentKey: LentBytes { get }
    /// The value here; of a tombstone no bytes, of a large value a reference into `blobs`.
    var lentValue: LentBytes { get }
    /// Where the value is to which the bytes here refer; nil if they are the value.
    var blobs: RunBlobs? { get }
    /// Whether the entry here is a tombstone.
    var isTombstone: Bool { get }
    /// Goes to the next entry in the cursor's direction.
    func advance() throws(EngineError)
    /// Goes to the first entry in the cursor's direction that is not before `key` in it: ascending the
    /// least key that is at least `key`, descending the greatest that is at most `key`; always within
    /// the cursor's range.
    func seek(_ key: [UInt8]) throws(EngineError)
}

extension EntryCursor {
    /// A copy of the key here.
    var key: [UInt8] { lentKey.copied() }

    var blobs: RunBlobs? { nil }

    /// A copy of the value here.
    func copyValue() throws(EngineError) -> [UInt8] { lentValue.copied() }
}
