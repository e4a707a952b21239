internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// Merges neighbouring runs of one partition into one, in steps, committing file by file.
///
/// After each file the manifest says: the new run has the keys up to the file's last one, the inputs have
/// the rest. So a compaction that ends early loses nothing, and its extra space is a few files.
final class CompactionJob: Sendable {
    let claim: CompactionClaim
    /// When it began, by the engine's clock.
    let start: UInt64
    private let engine: Engine
    private let inputs: [Run]
    /// Whether the oldest run of the partition is among them.
    let reachesBottom: Bool
    private let written = Atomic<Int>(0)
    private let writing: Mutex<CompactionWriting?>
    private let pieces = Mutex<[RunPiece]>([])
    private let blobBytes = Atomic<Int>(0)

    /// Merges the runs of `claim`, as far as the partition still has them.
    init(_ engine: Engine, _ partition: PartitionView, _ claim: CompactionClaim) {
        self.engine = engine
        self.claim = claim
        start = engine.durations.now
        inputs = partition.runs.filter { claim.inputs.contains($0.record.id) }
        reachesBottom = partition.runs.last.map { $0.record.id == claim.inputs.last } ?? false
        // Below the oldest run there is nothing that a tombstone could hide.
        writing = Mutex(
            CompactionWriting(
                inputs,
                partition.range,
                reachesBottom ? .dropped : .kept,
                collecting: engine.segmentsToCollect(inputs, reachesBottom: reachesBottom),
                warming: Self.isRead(inputs, engine) ? engine.runFiles.cache : nil
            )
        )
    }

    /// Whether readers have looked up blocks of late, one for each sixteen that are merged: since the flush before
    /// the last one began, for a merge mostly begins right behind a flush.
    ///
    /// A new frame costs the system a cleared page, which under a load without readers is lost.
    private static func isRead(_ inputs: [Run], _ engine: Engine) -> Bool {
        let counts = engine.slots.counts
        let before = engine.background.state.withLock { $0.lookupsAtFlushBefore }
        let blocks = inputs.reduce(0) { $0 + $1.sizeBytes } / engine.options.blockSizeBytes
        return (counts.found &+ counts.missed &- before) > blocks / 16
    }

    /// What the inputs took.
    var inputBytes: Int { inputs.reduce(0) { $0 + $1.sizeBytes } }

    /// What was written so far, the file that is not finished included.
    var progressBytes: Int { written.load(ordering: .relaxed) }

    /// What was written to finished files.
    var writtenBytes: Int {
        pieces.withLock { $0.reduce(0) { $0 + $1.sizeBytes } } + blobBytes.load(ordering: .relaxed)
    }

    /// Of the upper runs' entries the part that hid one below, when everything is merged; nil if the
    /// bottom run had no part in it.
    var overwrittenShare: Double? {
        guard reachesBottom, inputs.count > 1 else { return nil }
        let upper = inputs.dropLast().reduce(0) { $0 + $1.entryCount }
        let all = inputs.reduce(0) { $0 + $1.entryCount }
        let left = pieces.withLock { $0.reduce(0) { $0 + $1.entryCount } }
        return Double(max(0, all - left)) / Double(max(1, upper))
    }

    /// Merges some more.
    /// - Returns: whether the job has ended.
    func step() throws(EngineError) -> Bool {
        guard var state = writing.withLock({ $0.take() }) else {
            preconditionFailure("steps of a compaction follow each other")
        }
        let result = Result { () throws(EngineError) in try state.step(engine) }
        written.store(state.bytesWritten, ordering: .relaxed)
        putBack(state)
        switch try result.get() {
        case .goesOn: return false
        case .piece(let written, let key):
            return try !commit(written, through: key)
        case .ended(let written):
            _ = try commit(written, through: nil)
            return true
        }
    }

    /// Removes the file that was being written.
    func abandon() {
        guard var state = writing.withLock({ $0.take() }) else { return }
        state.abandon(engine)
    }

    private func putBack(_ state: consuming CompactionWriting) {
        var state: CompactionWriting? = consume state
        writing.withLock { $0 = state.take() }
    }

    /// Enters a finished file; `key` is its last, nil if the inputs are used up.
    /// - Returns: false if the partition is not what it was any more, and the file was given up.
    private func commit(
        _ written: CompactionWriting.Written,
        through key: [UInt8]?
    ) throws(EngineError) -> Bool {
        let all = pieces.withLock { pieces in
            pieces += written.pieces
            return pieces
        }
        let blobFiles = written.blobFiles
        blobBytes.add(blobFiles.reduce(0) { $0 + $1.sizeBytes }, ordering: .relaxed)
        defer { engine.openAhead(written.file.map { [$0.number] } ?? []) }
        return try engine.turn.hold(engine.world.scheduler) { () throws(EngineError) in
            guard let current = engine.map.partitions.first(where: { $0.id == claim.partition }),
                let place = place(in: current)
            else {
                if let file = written.file { engine.removeRunFiles([file.number]) }
                engine.removeBlobFiles(blobFiles.map(\.number))
                return false
            }
            if let file = written.file {
                try engine.syncDirectory()
                engine.runFiles.register(file)
                for file in blobFiles { engine.runFiles.blobs.register(file) }
            }
            var runs = Array(current.runs[..<place.lowerBound])
            if !all.isEmpty {
                let record = RunRecord(id: claim.output, pieces: all, lowerBound: [])
                runs.append(engine.runFiles.run(record))
            }
            if let key { runs += inputs.compactMap { $0.trimmed(to: key + [0]) } }
            runs += current.runs[place.upperBound...]
            try install(current.with(runs: runs), written)
            return true
        }
    }

    private func install(
        _ partition: PartitionView,
        _ written: CompactionWriting.Written
    ) throws(EngineError) {
        var after = engine.manifest.state
        after.partitions[partition.id] = partition.record
        let freed = after.unreferenced
        var edits: [ManifestEdit] = [engine.numbers.edit]
        if let file = written.file { edits.append(.addFile(file)) }
        edits += written.blobFiles.map { .addBlobFile($0) }
        edits.append(.setPartition(partition.record))
        edits += freed.files.map { .removeFile($0) }
        edits += freed.blobFiles.map { .removeBlobFile($0) }
        try engine.manifest.commit(edits)
        engine.changeMap { map, _ in map.replacing([partition]) }
        engine.runFiles.retire(freed.files)
        engine.runFiles.blobs.retire(freed.blobFiles)
        engine.noteRuns()
    }

    /// Where the output and what is left of the inputs lie among the partition's runs; nil if they are
    /// not all there.
    private func place(in partition: PartitionView) -> Range<Int>? {
        let mine = Set(inputs.map(\.record.id)).union([claim.output])
        let indices = partition.runs.indices.filter { mine.contains(partition.runs[$0].record.id) }
        guard let first = indices.first, let last = indices.last,
            last - first + 1 == indices.count
        else { return nil }
        return first..<(last + 1)
    }
}
