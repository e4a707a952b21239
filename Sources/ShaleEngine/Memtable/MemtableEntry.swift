/// One version of an entry.
struct MemtableVersion: Sendable {
    var position: LogPosition
    /// Nil is a tombstone.
    var value: [UInt8]?
}

/// An entry of a memtable: the key, its digests, and a short chain of versions, newest first.
struct MemtableEntry: Sendable {
    /// The first eight bytes of the key, the partition key's hash: it decides nearly every comparison.
    let hash: UInt64
    let key: [UInt8]
    private(set) var newest: MemtableVersion
    /// Newest first; nearly always empty.
    private(set) var older: [MemtableVersion] = []

    init(_ key: [UInt8], hash: UInt64, _ version: MemtableVersion) {
        self.key = key
        self.hash = hash
        newest = version
    }

    /// The newest version before `position`.
    func version(before position: LogPosition) -> MemtableVersion? {
        if newest.position < position { return newest }
        return older.first { $0.position < position }
    }

    /// Adds a version where its position belongs; drops those that no view can see: all that are
    /// older than the newest version before `horizon`.
    /// - Returns: bytes of values added less bytes dropped.
    mutating func add(_ version: MemtableVersion, horizon: () -> LogPosition) -> Int {
        var change = version.value?.count ?? 0
        if version.position > newest.position {
            older.insert(newest, at: 0)
            newest = version
        } else if version.position < newest.position {
            let index = older.firstIndex { $0.position <= version.position } ?? older.count
            if index < older.count, older[index].position == version.position { return 0 }
            older.insert(version, at: index)
        } else {
            // The last write of a batch to the same key wins.
            change -= newest.value?.count ?? 0
            newest = version
        }
        let limit = horizon()
        let keep: Int? =
            newest.position < limit
            ? 0 : older.firstIndex { $0.position < limit }.map { $0 + 1 }
        guard let keep, keep < older.count else { return change }
        for dropped in older[keep...] { change -= dropped.value?.count ?? 0 }
        older.removeSubrange(keep...)
        return change
    }
}
