internal import ShaleBytes

/// One section of a run file: the sorted entries of one partition in that file.
///
/// A handle: it costs nothing to make, and files are opened and read when they are asked for
/// something.
struct RunSection: Sendable {
    let file: RunFile
    let ordinal: Int

    /// What the section holds.
    func summary(_ mode: ReadMode) throws(EngineError) -> SectionSummary {
        try OpenedSection(file, ordinal, mode).summary
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
        try range.withBounds(.ascending) { bounds throws(EngineError) in
            try OpenedSection(file, ordinal, mode).mayContainPartition(of: bounds, mode)
        }
    }
}
