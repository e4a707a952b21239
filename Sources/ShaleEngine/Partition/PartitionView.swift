internal import ShaleBytes

/// One partition at one moment: its range of keys, its memtables, and its runs.
///
/// Never changes; a change makes a new view.
final class PartitionView: Sendable {
    /// A memtable that takes no more writes: it holds those before `through`, the newest position.
    struct Sealed: Sendable {
        var memtable: Memtable
        var through: LogPosition
    }

    let id: PartitionID
    let table: TableID
    let lower: [UInt8]
    let upper: [UInt8]?
    /// Every write of this range before this position is in the runs.
    let flushedThrough: LogPosition
    let active: Memtable
    /// Newest first.
    let sealed: [Sealed]
    /// Newest first.
    let runs: [Run]
    /// The same for readers.
    private let sealedMemtables: UnretainedArray<Memtable>
    private let runList: UnretainedArray<Run>
    private let bounds: OwnedBounds

    init(
        id: PartitionID,
        table: TableID,
        lower: [UInt8],
        upper: [UInt8]?,
        flushedThrough: LogPosition,
        active: Memtable,
        sealed: [Sealed],
        runs: [Run]
    ) {
        self.id = id
        self.table = table
        self.lower = lower
        self.upper = upper
        self.flushedThrough = flushedThrough
        self.active = active
        self.sealed = sealed
        self.runs = runs
        sealedMemtables = UnretainedArray(sealed.map(\.memtable))
        runList = UnretainedArray(runs)
        bounds = OwnedBounds(lower: lower, upper: upper)
    }

    /// The newest version in memory of a key before `position`.
    @inline(__always)
    func findInMemory(
        _ key: LentBytes,
        keyHash: UInt64,
        before position: LogPosition
    ) -> MemtableHit? {
        if let hit = active.find(key, keyHash: keyHash, before: position) { return hit }
        for index in 0..<sealedMemtables.count {
            let hit = sealedMemtables.with(index) {
                $0.find(key, keyHash: keyHash, before: position)
            }
            if let hit { return hit }
        }
        return nil
    }

    /// What the runs know of a key; lent like a block's bytes.
    @inline(__always)
    func findInRuns(
        _ key: LentBytes,
        keyHash hash: UInt64,
        _ mode: ReadMode
    ) throws(EngineError) -> Lookup {
        for index in 0..<runList.count {
            let found = try runList.with(index) { run throws(EngineError) in
                try run.get(key, keyHash: hash, mode)
            }
            if case .absent = found { continue }
            return found
        }
        return .absent
    }

    /// Its range, lent for as long as this lives.
    var lent: (lower: LentBytes, upper: LentBytes?) { (bounds.lower, bounds.upper) }

    /// Whether no memtable has an entry and there is one run.
    var isInOneRun: Bool { runList.count == 1 && sealedMemtables.count == 0 && active.isEmpty }

    var sealedCount: Int { sealedMemtables.count }
    var runCount: Int { runList.count }

    /// A sealed memtable, lent; the newest is 0.
    func lendSealed(_ index: Int) -> Unretained<Memtable> {
        sealedMemtables.with(index) { Unretained($0) }
    }

    /// A run, lent; the newest is 0.
    func lendRun(_ index: Int) -> Unretained<Run> { runList.with(index) { Unretained($0) } }

    var range: EntryRange { EntryRange(lower: lower, upper: upper) }

    /// The part of `range` that lies in this partition; nil if there is none.
    func clip(_ range: EntryRange) -> EntryRange? {
        let from = KeyOrder.isAscending(lower, range.lower) ? range.lower : lower
        let to: [UInt8]?
        switch (upper, range.upper) {
        case (nil, let end), (let end, nil): to = end
        case (let mine?, let theirs?): to = KeyOrder.isAscending(mine, theirs) ? mine : theirs
        }
        if let to, !KeyOrder.isAscending(from, to) { return nil }
        return EntryRange(lower: from, upper: to)
    }

    /// The oldest position of a write that is only in memory and in the log.
    var oldestUnflushed: LogPosition? {
        let positions = [active.oldestPosition] + sealed.map(\.memtable.oldestPosition)
        return positions.compactMap { $0 }.min()
    }

    /// What the manifest says of this partition.
    var record: PartitionRecord {
        PartitionRecord(
            id: id,
            table: table,
            lower: lower,
            upper: upper,
            flushedThrough: flushedThrough,
            runs: runs.map(\.record)
        )
    }

    /// The same partition with some parts replaced.
    func with(
        flushedThrough: LogPosition? = nil,
        active: Memtable? = nil,
        sealed: [Sealed]? = nil,
        runs: [Run]? = nil
    ) -> PartitionView {
        PartitionView(
            id: id,
            table: table,
            lower: lower,
            upper: upper,
            flushedThrough: flushedThrough ?? self.flushedThrough,
            active: active ?? self.active,
            sealed: sealed ?? self.sealed,
            runs: runs ?? self.runs
        )
    }
}
