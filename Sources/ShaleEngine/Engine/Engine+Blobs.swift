internal import ShalePlatform
internal import Synchronization

/// Collection of blob segments: values that are still needed are moved out of segments that are mostly
/// not, by compactions that go by anyway, and by one at a time that is made for it.
extension Engine {
    /// The segments that a compaction of `inputs` moves values out of.
    func segmentsToCollect(_ inputs: [Run], reachesBottom: Bool) -> Set<FileNumber> {
        var shares = BlobShares()
        for run in inputs {
            for share in run.record.blobs.shares { shares.add(share) }
        }
        guard !shares.shares.isEmpty else { return [] }
        let state = manifest.state
        let candidates = candidates(state)
        var picked = pick(candidates, state)
        if reachesBottom {
            let own = Set(shares.shares.map(\.file))
            picked += BlobPicker.small(
                candidates.filter { own.contains($0.number) },
                fullBytes: options.runFileSizeBytes
            )
        }
        return Set(picked)
    }

    /// Starts a compaction for the sake of blob segments, if there is much to gain and none is under way.
    func requestCollection() {
        guard let claim = claimCollection() else { return }
        world.scheduler.schedule(.compaction) { self.beginCompaction(claim) }
    }

    /// Takes runs whose merging frees blob segments, or shows what of them is dead; nil if there is little to
    /// gain, or such a merge is under way.
    func claimCollection() -> CompactionClaim? {
        guard background.state.withLock({ $0.collection == nil }) else { return nil }
        let state = manifest.state
        guard !state.blobFiles.isEmpty else { return nil }
        let picked = Set(pick(candidates(state), state))
        return claimAny { partition, share in
            let runs = partition.runs.map { (sizeBytes: $0.sizeBytes, blobBytes: $0.blobBytes) }
            if BlobPicker.mergesAll(runs, overwrittenShare: share) { return 0..<runs.count }
            let concerned = partition.runs.indices.filter { index in
                partition.runs[index].record.blobs.touch(picked)
            }
            guard let first = concerned.first, let last = concerned.last else { return nil }
            return first..<(last + 1)
        }
    }

    private func pick(
        _ candidates: [BlobPicker.Candidate],
        _ state: ManifestState
    ) -> [FileNumber] {
        BlobPicker.pick(
            candidates,
            runBytes: state.files.values.reduce(0) { $0 + $1.sizeBytes },
            fullBytes: options.runFileSizeBytes
        )
    }

    /// What is known of all segments but those in which a collection has met damage.
    private func candidates(_ state: ManifestState) -> [BlobPicker.Candidate] {
        let damaged = background.state.withLock { $0.damagedSegments }
        let live = state.liveBlobBytes
        return state.blobFiles.values.filter { !damaged.contains($0.number) }.map { file in
            BlobPicker.Candidate(
                number: file.number,
                blobBytes: file.blobBytes,
                liveBytes: live[file.number] ?? 0
            )
        }
    }

    /// Takes the runs that `choose` chooses of the first partition in which it does.
    private func claimAny(
        _ choose: (PartitionView, _ overwrittenShare: Double) -> Range<Int>?
    ) -> CompactionClaim? {
        background.state.withLock { state in
            guard !state.isClosed, state.collection == nil else { return nil }
            for partition in map.partitions {
                let isBusy = state.compacting.contains { $0.partition == partition.id }
                let share = state.overwrittenShares[partition.id] ?? 1
                guard !isBusy, let range = choose(partition, share) else { continue }
                let claim = claim(partition, range)
                state.compacting.append(claim)
                state.collection = claim
                return claim
            }
            return nil
        }
    }
}
