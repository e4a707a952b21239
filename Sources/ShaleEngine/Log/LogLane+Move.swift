internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// The log has gone on in another segment.
struct LogMove: Sendable {
    /// What failed.
    var error: FileError
    /// Sealed where it was last synced.
    var from: SegmentNumber
    var to: LogSegment
    /// Where the body of `to` begins.
    var base: LogPosition
    /// Segments between the two that hold nothing: prepared ones, and those that failed as well.
    var passedOver: [SegmentNumber]
}

/// A segment that cannot be written or synced is left, and the log goes on in another.
///
/// The failed segment ends where it was last synced: nothing behind that place is trusted, and its
/// successor's header says so, so that no byte that reaches the disk later ever comes back. What was
/// written behind it (records of `.buffered` writes, which readers have seen) and what was being written
/// is written again, at the same positions, into the successor. So nobody has to forget anything:
/// not readers, not memtables, and the writers that wait are answered when it is synced there.
///
/// Nothing is believed that the kernel shows of the unsynced bytes but records that are whole and chained
/// up to the last one that was written. If one is not, or if one segment after the other fails, the log
/// ends here: the outcome of the writes under way is unknown, and reads go on.
extension LogLane {
    /// So many segments are tried before the lane gives up.
    static let moveAttempts = 3

    /// What the lane leaves behind.
    private struct Leaving {
        /// Prepared segments.
        var prepared: [LogSegment]
        /// Bytes from the last synced position to where the next record will be.
        var sizeBytes: Int
        /// Where the record behind the group will be.
        var next: LogPosition
    }

    /// Writes what is unsynced and the group to another segment.
    /// - Returns: how the log ends then; nil if it has failed for good, which everyone was told.
    func move(_ group: LogGroup, _ tail: Tail, after error: FileError) -> Tail? {
        let failed = lastWritten.withLock { $0 }
        guard let leaving = leave(failed, group, tail) else { return nil }
        var reason = error.reason
        do throws(FileError) {
            var carried = CarriedRecords()
            guard try addUnsynced(of: failed, tail, &carried) else {
                reason += "; what was written before cannot be read back"
                throw error
            }
            let now = max(tail.wallMilliseconds, world.time.wallMilliseconds)
            carried.add(group, syncedThrough: tail.synced, now: now)
            var after = tail
            after.wallMilliseconds = now
            groupMilliseconds.store(now, ordering: .releasing)
            return try move(carried, group, after, leaving, failed, error)
        } catch {
            if error.reason != reason { reason += "; then: \(error.description)" }
        }
        fail(
            EngineError(
                .logFailed,
                file: error.path,
                offset: group.fileOffset,
                "the log could not be written (\(reason)): the outcome of the writes under way is unknown. "
                    + "Reads go on; for writes, see to the disk and open the database anew"
            )
        )
        return nil
    }

    /// Stops gathering; nil if the lane has ended already.
    private func leave(_ failed: LogSegment, _ group: LogGroup, _ tail: Tail) -> Leaving? {
        state.withLock { state in
            guard state.failure == nil else { return nil }
            state.isMoving = true
            var prepared: [LogSegment] = []
            if state.segment !== failed { prepared.append(state.segment) }
            if let next = state.next { prepared.append(next) }
            state.next = nil
            return Leaving(
                prepared: prepared,
                sizeBytes: Int(state.tail.rawValue - tail.synced.rawValue),
                next: state.groups.first?.start ?? state.tail
            )
        }
    }

    /// Reads back what was written and not synced.
    /// - Returns: whether it is all there.
    private func addUnsynced(
        of failed: LogSegment,
        _ tail: Tail,
        _ carried: inout CarriedRecords
    ) throws(FileError) -> Bool {
        let start = Int(tail.synced.rawValue - tail.base.rawValue)
        guard tail.end != tail.syncedEnd else { return true }
        let bytes = try failed.file.read(
            at: SegmentFormat.headerSize + start,
            count: tail.end.lengthBytes - start
        )
        return carried.add(
            written: bytes,
            from: tail.synced,
            after: tail.syncedEnd,
            to: tail,
            seed: failed.seed
        )
    }

    private func move(
        _ carried: CarriedRecords,
        _ group: LogGroup,
        _ tail: Tail,
        _ leaving: Leaving,
        _ failed: LogSegment,
        _ error: FileError
    ) throws(FileError) -> Tail {
        // One more page, for the padding of the last group.
        let capacity = leaving.sizeBytes + LogRecordFormat.pageSize
        var prepared = leaving.prepared
        var passedOver: [SegmentNumber] = []
        var last = error
        for _ in 0..<Self.moveAttempts {
            // A segment that the group was to open may have its header page already.
            let usable = prepared.lastIndex {
                $0 !== group.segment && $0.capacityBytes >= capacity
            }
            let segment: LogSegment
            if let usable {
                segment = prepared.remove(at: usable)
            } else {
                segment = try makeSegment(capacity)
            }
            do throws(FileError) {
                let header = segment.header(after: tail.syncedEnd, base: tail.synced)
                let (bytes, end) = carried.body(of: segment, header, before: leaving.next)
                try segment.takeOver(bytes, header)
                let move = LogMove(
                    error: error,
                    from: failed.number,
                    to: segment,
                    base: header.base,
                    passedOver: passedOver + prepared.map(\.number)
                )
                return arrive(move, group, tail, end, leaving.next)
            } catch {
                passedOver.append(segment.number)
                last = error
            }
        }
        throw last
    }

    private func makeSegment(_ capacityBytes: Int) throws(FileError) -> LogSegment {
        do throws(EngineError) {
            return try hooks.makeSegment(capacityBytes)
        } catch {
            throw FileError(.inputOutput, "make segment", error.file ?? "", error.reason)
        }
    }

    /// From now on everything goes to the new segment.
    private func arrive(
        _ move: LogMove,
        _ group: LogGroup,
        _ tail: Tail,
        _ end: LogEnd,
        _ next: LogPosition
    ) -> Tail {
        var move = move
        var after = tail
        after.base = move.base
        after.end = end
        after.syncedEnd = LogEnd(
            segment: end.segment,
            lengthBytes: 0,
            checksum: move.to.header(after: tail.syncedEnd, base: move.base).checksum
        )
        after.isSynced = group.needsSync
        if group.needsSync {
            // A page that others write to as well is not taken for synced.
            after.synced = group.nextStart
            after.syncedEnd = end
        }
        let (withdrawn, wakes) = state.withLock { state -> (LogSegment?, [SpaceWake]) in
            let withdrawn = settle(in: move, &state)
            return (withdrawn, Self.takeSpaceWaiters(&state))
        }
        if let withdrawn { move.passedOver.append(withdrawn.number) }
        let segment = move.to
        lastWritten.withLock { $0 = segment }
        // Who takes a cut of the log at what is synced must know of the segment.
        hooks.didMove(move)
        advanceSynced(to: after.synced)
        for wake in wakes { wake(nil) }
        return after
    }

    /// - Returns: a segment that was prepared meanwhile and comes too late.
    private func settle(in move: LogMove, _ state: inout State) -> LogSegment? {
        state.isMoving = false
        state.segment = move.to
        state.mapped = move.to.mapping?.bytes
        state.seed = move.to.seed
        state.base = move.base
        state.mustOpenSegment = false
        state.beganSyncOffset = 0
        for index in state.groups.indices {
            let isLast = index + 1 == state.groups.count
            let next = isLast ? state.groups[index].nextStart : state.groups[index + 1].start
            state.groups[index].move(to: move.to, base: move.base, before: next)
        }
        guard let prepared = state.next, prepared.number < move.to.number else { return nil }
        state.next = nil
        return prepared
    }
}
