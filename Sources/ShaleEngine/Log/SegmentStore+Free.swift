internal import ShalePlatform
internal import Synchronization

// Segments that no memtable needs any more: archived where the past is kept, then reused or removed.
extension SegmentStore {
    /// The log as it was when it was held, which stays until `release`.
    struct Hold: Sendable {
        /// The oldest first.
        var live: [Live]
    }

    /// Nothing that is live now is let go of before `release`.
    func hold() -> Hold {
        state.withLock { state in
            state.holdCount += 1
            return Hold(live: state.live)
        }
    }

    /// Ends a hold; what waited for it goes with the next `free`.
    func release(_: Hold) {
        state.withLock { $0.holdCount -= 1 }
    }

    /// Nobody needs the log before `position` any more.
    ///
    /// With the past being kept, a segment is in the archive, durably, before the manifest forgets it. What cannot be
    /// archived stays where it is, does not count for the log's cap, and is tried again.
    func free(before position: LogPosition) throws(EngineError) {
        let hasFreed = try freeing.hold(world.scheduler) { () throws(EngineError) in
            let freed = archived(unneeded(before: position))
            guard !freed.isEmpty else { return false }
            let isArchiving = archive.isOn
            let records = freed.map(\.live.record)
            guard let taken = take(freed.count) else { return false }
            // What is left of the log decides how many spares fit beside it.
            let (kept, dropped) = isArchiving ? ([], records) : divide(records)
            do throws(EngineError) {
                try hooks.commit(
                    records.map { .removeSegment($0.number) }
                        + kept.map { .addSpare($0.file, capacityBytes: $0.capacityBytes) }
                )
            } catch {
                // The manifest still names them as log.
                state.withLock { $0.live.insert(contentsOf: taken, at: 0) }
                throw error
            }
            // Only now may one of them begin a new life.
            state.withLock { state in
                for segment in kept { state.spares[segment.file] = segment.capacityBytes }
            }
            try remove(dropped.map(\.file))
            if isArchiving { cutTails(of: freed) }
            return true
        }
        if hasFreed { retryIfWanted() }
    }

    /// A segment that may go, and what its records take behind the header page.
    private struct Unneeded {
        var live: Live
        var lengthBytes: Int
    }

    /// Segments that end at `position` or before it; none while the log is held.
    private func unneeded(before position: LogPosition) -> [Unneeded] {
        state.withLock { state in
            state.neededFrom = max(state.neededFrom, position)
            guard state.holdCount == 0 else { return [] }
            var unneeded: [Unneeded] = []
            // Bases ascend, and a segment ends where the next started one begins.
            for (segment, next) in zip(state.live, state.live.dropFirst()) {
                guard let end = next.base, end <= position else { break }
                let start = segment.base ?? end
                let length = Int(end.rawValue - start.rawValue)
                unneeded.append(Unneeded(live: segment, lengthBytes: length))
            }
            return unneeded
        }
    }

    /// Puts segments into the archive, if the past is kept.
    /// - Returns: those that may go: all, or none if one of them could not be archived.
    private func archived(_ segments: [Unneeded]) -> [Unneeded] {
        guard archive.isOn, !segments.isEmpty else { return segments }
        do throws(EngineError) {
            for segment in segments { try archive.add(segment.live.record) }
            try archive.syncNames()
            hooks.noteArchive(nil)
            return segments
        } catch {
            // Names may not be durable: none of them goes.
            hooks.noteArchive(error)
            return []
        }
    }

    /// Takes segments off the log, unless it was held meanwhile.
    private func take(_ count: Int) -> [Live]? {
        state.withLock { state in
            guard state.holdCount == 0 else { return nil }
            let taken = Array(state.live.prefix(count))
            state.live.removeFirst(count)
            return taken
        }
    }

    /// What an archived segment has behind its last record goes back to the disk; that it is not given back is no loss.
    private func cutTails(of freed: [Unneeded]) {
        for segment in freed {
            do throws(EngineError) {
                try archive.cut(segment.live.record.number, toBodyOf: segment.lengthBytes)
            } catch {
                hooks.tell(error)
            }
        }
    }

    /// Runs `body` on the segments that are live, while none is on its way from the log into the archive.
    func withWholeLog<Answer>(
        _ body: ([Live]) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        try freeing.hold(world.scheduler) { () throws(EngineError) in
            try body(state.withLock { $0.live })
        }
    }
}
