/// Visits entries in one direction: of a memtable, of a section, of a sorted run, or of several of
/// them merged.
///
/// Each key is visited once; tombstones are entries.
///
/// A cursor is used by one thread at a time. After an error it is of no further use but to be dropped.
/// The key's array is reused: whoever keeps it past `advance` makes a copy, and whoever merely holds a
/// reference to it then makes the cursor allocate.
protocol EntryCursor: AnyObject {
    /// Whether there is no entry here. Then the other members must not be used, but for `seek`.
    var isAtEnd: Bool { get }
    /// The stored bytes of the key here.
    var key: [UInt8] { get }
    /// Whether the entry here is a tombstone.
    var isTombstone: Bool { get }
    /// Lends the value here; of a tombstone no bytes.
    func withValue(_ body: (RawSpan) throws(EngineError) -> Void) throws(EngineError)
    /// Goes to the next entry in the cursor's direction.
    func advance() throws(EngineError)
    /// Goes to the first entry in the cursor's direction that is not before `key` in it: ascending the
    /// least key that is at least `key`, descending the greatest that is at most `key`; always within
    /// the cursor's range.
    func seek(_ key: [UInt8]) throws(EngineError)
}

extension EntryCursor {
    /// A copy of the value here.
    func copyValue() throws(EngineError) -> [UInt8] {
        var value: [UInt8] = []
        try withValue { value = $0.copied() }
        return value
    }
}
