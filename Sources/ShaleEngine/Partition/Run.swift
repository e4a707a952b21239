internal import ShaleBytes

/// A sorted run of a partition: pieces that ascend and do not overlap.
final class Run: Sendable {
    let record: RunRecord
    /// As the record's pieces, in the same order.
    private let leases: [RunFileLease]
    /// The blob segments that entries refer to.
    let blobs: RunBlobs?
    /// What entries refer to of them.
    let blobBytes: Int

    /// The same for readers: of each piece the hashes of its first and last key, its file, and its
    /// section there.
    private let firstHashes: FixedColumn<UInt64>
    private let lastHashes: FixedColumn<UInt64>
    private let sectionOrdinals: FixedColumn<Int>
    private let files: UnretainedArray<RunFile>
    /// The hash of the lower bound; 0 without one.
    private let lowerHash: UInt64
    /// From the lower bound on.
    private let covered: OwnedBounds

    init(_ record: RunRecord, _ leases: [RunFileLease], _ blobs: RunBlobs? = nil) {
        precondition(record.pieces.count == leases.count, "every piece has its file")
        self.record = record
        self.leases = leases
        self.blobs = blobs
        blobBytes = record.blobs.sizeBytes
        firstHashes = FixedColumn(record.pieces.map { EntryKey.hash(of: $0.firstKey) })
        lastHashes = FixedColumn(record.pieces.map { EntryKey.hash(of: $0.lastKey) })
        sectionOrdinals = FixedColumn(record.pieces.map(\.section))
        files = UnretainedArray(leases.map(\.file))
        lowerHash = EntryKey.hash(of: record.lowerBound)
        covered = OwnedBounds(lower: record.lowerBound, upper: nil)
    }

    /// What the run takes on disk; of files shared by a split, all of it.
    var sizeBytes: Int { record.pieces.reduce(0) { $0 + $1.sizeBytes } }

    /// The same of the files that have a part in `range`.
    func sizeBytes(in range: EntryRange) -> Int {
        var index = firstPiece(notBefore: range.lower)
        var bytes = 0
        while index < record.pieces.count {
            let piece = record.pieces[index]
            if let upper = range.upper, !KeyOrder.isAscending(piece.firstKey, upper) { break }
            bytes += piece.sizeBytes
            index += 1
        }
        return bytes
    }

    var entryCount: Int { record.pieces.reduce(0) { $0 + $1.entryCount } }
    var tombstoneCount: Int { record.pieces.reduce(0) { $0 + $1.tombstoneCount } }

    /// The newest that this run knows of `key`; lent like a block's bytes.
    ///
    /// Hashes decide; keys are compared only where a hash is that of a bound.
    func get(
        _ key: LentBytes,
        keyHash: UInt64,
        _ mode: ReadMode
    ) throws(EngineError) -> Lookup {
        let hash = key.digest(from: 0)
        if hash <= lowerHash, KeyOrder.compare(key, record.lowerBound) < 0 { return .absent }
        var index = lastHashes.firstIndex(notBefore: hash, in: 0..<lastHashes.count)
        while index < lastHashes.count, lastHashes[index] == hash,
            KeyOrder.compare(key, record.pieces[index].lastKey) > 0
        {
            index += 1
        }
        guard index < lastHashes.count, firstHashes[index] <= hash else { return .absent }
        if firstHashes[index] == hash, KeyOrder.compare(key, record.pieces[index].firstKey) < 0 {
            return .absent
        }
        let ordinal = sectionOrdinals[index]
        let found = try files.with(index) { file throws(EngineError) in
            try file.withOpened(mode) { opened throws(EngineError) in
                try opened.get(ordinal, key, keyHash: keyHash, mode)
            }
        }
        if case .blob(let reference) = found { return .value(try follow(reference, mode)) }
        return found
    }

    private func follow(
        _ reference: EntryValue,
        _ mode: ReadMode
    ) throws(EngineError) -> EntryValue {
        guard let blobs else { throw EngineError(.corrupted, RunBlobs.missing) }
        return try blobs.value(reference.lent, mode)
    }

    /// What the run still covers of `bounds`, and the pieces that have a part in it; nil if none has.
    func part(of bounds: ScanBounds) -> (bounds: ScanBounds, pieces: Range<Int>)? {
        guard let part = bounds.clipped(covered.lower, nil) else { return nil }
        let lower = part.lower.digest(from: 0)
        var first = lastHashes.firstIndex(notBefore: lower, in: 0..<lastHashes.count)
        while first < lastHashes.count, lastHashes[first] == lower,
            KeyOrder.compare(part.lower, record.pieces[first].lastKey) > 0
        {
            first += 1
        }
        guard let upper = part.upper else { return (part, first..<lastHashes.count) }
        let end = upper.digest(from: 0)
        var last = first
        while last < firstHashes.count,
            firstHashes[last] < end
                || firstHashes[last] == end
                    && KeyOrder.compare(upper, record.pieces[last].firstKey) > 0
        {
            last += 1
        }
        return (part, first..<last)
    }

    /// The file of a piece, which lives as long as the run, and the piece's section in it.
    func piece(
        _ index: Int,
        _ mode: ReadMode
    ) throws(EngineError) -> (file: Unretained<OpenedRunFile>, section: Int) {
        let file = try files.with(index) { file throws(EngineError) in try file.lendOpened(mode) }
        return (file, sectionOrdinals[index])
    }

    /// The pieces that have a part in `range`, ascending.
    func sections(in range: EntryRange) -> [RunSection] {
        var sections: [RunSection] = []
        var index = firstPiece(notBefore: range.lower)
        while index < leases.count {
            if let upper = range.upper, !KeyOrder.isAscending(record.pieces[index].firstKey, upper)
            {
                break
            }
            sections.append(section(index))
            index += 1
        }
        return sections
    }

    /// The part of `range` that this run still covers.
    func clip(_ range: EntryRange) -> EntryRange {
        guard KeyOrder.isAscending(range.lower, record.lowerBound) else { return range }
        return EntryRange(lower: record.lowerBound, upper: range.upper)
    }

    /// The same run without entries below `bound`; nil when nothing is left of it.
    ///
    /// What an earlier compaction has taken out of it stays out.
    func trimmed(to bound: [UInt8]) -> Run? {
        guard KeyOrder.isAscending(record.lowerBound, bound) else { return self }
        let first = firstPiece(notBefore: bound)
        guard first < leases.count else { return nil }
        var trimmed = record
        trimmed.pieces.removeFirst(first)
        trimmed.lowerBound = bound
        return Run(trimmed, Array(leases[first...]), blobs)
    }

    /// The same run with only those pieces that have a part in `range`; nil when there are none.
    ///
    /// So that a file does not stay for a partition that has nothing in it.
    func pieces(in range: EntryRange) -> Run? {
        let first = firstPiece(notBefore: range.lower)
        let end =
            range.upper.flatMap { upper in
                record.pieces[first...].firstIndex { !KeyOrder.isAscending($0.firstKey, upper) }
            } ?? leases.count
        guard first < end else { return nil }
        var cut = record
        cut.pieces = Array(record.pieces[first..<end])
        return Run(cut, Array(leases[first..<end]), blobs)
    }

    /// Pieces with their files, for moving one to another run.
    var parts: [(piece: RunPiece, lease: RunFileLease)] { Array(zip(record.pieces, leases)) }

    private func section(_ index: Int) -> RunSection {
        leases[index].file.section(record.pieces[index].section)
    }

    /// The first piece whose last key is not less than `key`.
    private func firstPiece(notBefore key: [UInt8]) -> Int {
        var low = 0
        var high = record.pieces.count
        while low < high {
            let middle = (low + high) / 2
            if KeyOrder.isAscending(record.pieces[middle].lastKey, key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }
}
