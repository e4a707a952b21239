internal import ShaleBytes

/// One section of a run file: the sorted entries of one partition in that file.
///
/// A handle: it costs nothing to make, and files are opened and read when they are asked for
/// something.
struct RunSection: Sendable {
    let file: RunFile
    let ordinal: Int
    /// What entries refer to that have their value elsewhere.
    var blobs: RunBlobs?

    /// What the section holds.
    func summary(_ mode: ReadMode) throws(EngineError) -> SectionSummary {
        try OpenedSection(self, mode).summary
    }

    /// What this section knows of `key`.
    ///
    /// `keyHash` is `RunFormat.keyHash(key)`.
    /// - Complexity: a search in the root and in a filter; only if that has the key, one leaf and one
    ///   block. Each costs a read if it is not in memory.
    func get(
        _ key: [UInt8],
        keyHash: UInt64,
        _ mode: ReadMode
    ) throws(EngineError) -> Lookup {
        let opened = try file.opened(mode)
        return try key.withLentBytes { key throws(EngineError) in
            try opened.get(ordinal, key, keyHash: keyHash, mode)
        }
    }

    /// Whether a scan of `range` needs this section.
    ///
    /// False is certain; true where the filter does not help, as for a range that is not within one
    /// partition key's hash.
    func mayContainPartition(
        of range: EntryRange,
        _ mode: ReadMode
    ) throws(EngineError) -> Bool {
        guard let upper = range.upper, Self.isWithinOneHash(range.lower, upper) else { return true }
        let section = try OpenedSection(self, mode)
        let hash = RunFormat.partitionHash(range.lower)
        guard section.root.filter.isNone else {
            return try section.mayContain(hash, section.root.filter, mode)
        }
        var node = try section.node(section.root.piece, level: nil, mode)
        // Safety: every bit pattern of a byte is a byte.
        let lower = unsafe range.lower.span.bytes
        while node.level > IndexPieceFormat.filterLevel {
            let index = node.firstChild(notBefore: lower)
            guard index < node.count else { return false }
            node = try section.node(node.child(index).piece, level: node.level - 1, mode)
        }
        guard node.level == IndexPieceFormat.filterLevel else { return true }
        // A partition key that begins in one leaf can go on in the next ones.
        for index in node.firstChild(notBefore: lower)..<node.count {
            if try section.mayContain(hash, node.child(index).filter, mode) { return true }
            guard KeyOrder.isAscending(node.separator(index), upper) else { return false }
        }
        return true
    }

    /// A cursor at the first entry of `range` in this direction.
    func cursor(
        _ range: EntryRange,
        _ direction: ScanDirection,
        _ mode: ReadMode
    ) throws(EngineError) -> RunCursor {
        try RunCursor(OpenedSection(self, mode), range, direction, mode)
    }

    private static func isWithinOneHash(_ lower: [UInt8], _ upper: [UInt8]) -> Bool {
        guard lower.count >= EntryKey.lengthOffset else { return false }
        if EntryKey.hash(of: lower) == EntryKey.hash(of: upper) { return true }
        let prefix = Array(lower[..<EntryKey.lengthOffset])
        guard let successor = EntryRange.successor(ofPrefix: prefix) else { return true }
        return KeyOrder.compare(upper, successor) <= 0
    }
}
