internal import ShalePlatform
internal import Synchronization

/// The files of the log: prepares segments before they are needed, and reuses the files of those
/// that nobody needs any more.
///
/// Invariants: a segment is in the manifest before its header page is written; a file becomes a spare in
/// the manifest before it is prepared for its next life.
final class SegmentStore: Sendable {
    struct Live: Sendable {
        var record: SegmentRecord
        /// Nil until the segment is started.
        var base: LogPosition?
    }

    struct State: Sendable {
        var live: [Live]
        var spares: [FileNumber: Int]
        /// Segments that could not be written or synced: their files get no new life.
        var failed: Set<SegmentNumber> = []
        var isPreparing = false
        /// The disk was full, and a flush was asked for, so that segments become free.
        var hasAskedForFlush = false
        /// Least capacity of a segment that is waited for.
        var wantedBytes: Int?
        var startedCount = 0
        /// How many hold the log: nothing is let go of meanwhile.
        var holdCount = 0
        /// What is before this position no memtable needs.
        var neededFrom = LogPosition.zero

        /// Segments that count for the cap: not those that only a hold or a late archive keeps.
        var loadBytes: Int {
            let kept = zip(live, live.dropFirst()).prefix { _, next in
                next.base.map { $0 <= neededFrom } ?? false
            }
            return live.dropFirst(kept.count).reduce(0) { $0 + $1.record.capacityBytes }
        }
    }

    /// What the store does to the rest of the engine.
    struct Hooks: Sendable {
        /// Makes a group of edits durable.
        var commit: @Sendable ([ManifestEdit]) throws(EngineError) -> Void
        /// Asks the lane whether its prepared segment is as large as this, and takes back one that is not.
        var makeWay: @Sendable (_ capacityBytes: Int) -> LogLane.Prepared
        /// Hands a prepared segment to the lane; false if it comes too late.
        var offer: @Sendable (LogSegment) -> Bool
        var refuse: @Sendable (EngineError) -> Void
        /// Told of what could not be tidied up.
        var tell: @Sendable (EngineError) -> Void
        /// Whether the disk is full: then segments are as small as can be.
        var isDiskFull: @Sendable () -> Bool
        /// The log is at its cap: flush what holds it back.
        var flush: @Sendable () -> Void
        /// The disk is full: the same, and say so when there is nothing to flush.
        var flushForSpace: @Sendable () -> Void
        /// Told of every failure to prepare a segment.
        var note: @Sendable (EngineError) -> Void
        /// Told of the archive: that it failed, or, with nil, that it has what it should.
        var noteArchive: @Sendable (EngineError?) -> Void
    }

    let state: Mutex<State>
    let world: World
    let directory: String
    /// Where segments go that the log lets go of.
    let archive: LogArchive
    /// Whose turn it is to let go of segments.
    let freeing = Turn()
    private let numbers: Numbers
    private let capBytes: Int
    let hooks: Hooks

    /// The first segments are small, so that an empty database is; then they grow with the load.
    private let capacitiesBytes: [Int]
    private static let growth = [1, 1, 4, 16, 64]
    private static let spareLimit = 3
    /// A new segment takes no larger part of what is free on the disk.
    private static let freeShare = 8

    init(
        _ manifest: ManifestState,
        live: [Live],
        world: World,
        directory: String,
        numbers: Numbers,
        archive: LogArchive,
        capBytes: Int,
        unitBytes: Int,
        hooks: Hooks
    ) {
        self.archive = archive
        state = Mutex(State(live: live, spares: manifest.spares))
        self.world = world
        self.directory = directory
        self.numbers = numbers
        self.capBytes = capBytes
        capacitiesBytes = Self.growth.map { $0 * unitBytes }
        self.hooks = hooks
    }

    /// Where a started segment's body begins.
    func base(of number: SegmentNumber) -> LogPosition? {
        state.withLock { $0.live.first { $0.record.number == number }?.base }
    }

    /// Prepares a segment in the background.
    func request(minimumCapacityBytes: Int) {
        let mustStart = state.withLock { state in
            state.wantedBytes = max(state.wantedBytes ?? 0, minimumCapacityBytes)
            defer { state.isPreparing = true }
            return !state.isPreparing
        }
        if mustStart { world.scheduler.schedule(.housekeeping) { self.prepare() } }
    }

    /// The segment got its header page.
    func didStart(_ number: SegmentNumber, base: LogPosition) {
        state.withLock { state in
            state.startedCount += 1
            for index in state.live.indices where state.live[index].record.number == number {
                state.live[index].base = base
            }
        }
    }

    private enum Plan: Sendable {
        case nothing
        case waitForFlush
        case make(capacityBytes: Int, spare: FileNumber?)
    }

    private func prepare() {
        switch plan() {
        case .nothing: break
        case .waitForFlush: hooks.flush()
        case .make(let capacity, let spare):
            do throws(EngineError) {
                switch hooks.makeWay(capacity) {
                case .enough:
                    giveBack(spare, capacity)
                case .nothing:
                    try offer(try make(capacity, spare))
                case .withdrawn(let segment):
                    // Segments are started in the order of their numbers, so one that is passed over
                    // must have left the manifest before a later one is used.
                    do throws(EngineError) {
                        try shelve(segment)
                    } catch {
                        giveBack(spare, capacity)
                        _ = hooks.offer(segment)
                        throw error
                    }
                    try offer(try make(capacity, spare))
                }
            } catch {
                hooks.note(error)
                if waitsForFlush(capacity, after: error) { return hooks.flushForSpace() }
                state.withLock { $0.isPreparing = false }
                hooks.refuse(error)
                return
            }
            if state.withLock({ $0.wantedBytes != nil }) {
                world.scheduler.schedule(.housekeeping) { self.prepare() }
            } else {
                state.withLock { $0.isPreparing = false }
            }
        }
    }

    private func plan() -> Plan {
        let most = largestCapacityBytes()
        return state.withLock { state in
            guard let wanted = state.wantedBytes else {
                state.isPreparing = false
                return .nothing
            }
            let grown = min(most, usualCapacityBytes(state))
            let unit = LogRecordFormat.pageSize
            let capacity = max(grown, (wanted + unit - 1) / unit * unit)
            guard state.loadBytes + capacity <= capBytes || state.live.count < 2 else {
                state.isPreparing = false
                return .waitForFlush
            }
            state.wantedBytes = nil
            let spares = state.spares.filter { $0.value >= capacity }
            let spare = spares.min { ($0.value, $0.key) < ($1.value, $1.key) }
            if let spare { state.spares[spare.key] = nil }
            return .make(capacityBytes: spare?.value ?? capacity, spare: spare?.key)
        }
    }

    /// What a segment may take of the disk's free space, if nobody waits for a larger one.
    private func largestCapacityBytes() -> Int {
        let smallest = capacitiesBytes[0]
        guard !hooks.isDiskFull() else { return smallest }
        do throws(FileError) {
            let share = try world.files.freeSpaceBytes(directory) / Self.freeShare
            return capacitiesBytes.last { $0 <= share } ?? smallest
        } catch {
            // Who does not say how much there is has enough.
            return .max
        }
    }

    /// What the next segment holds, if nobody waits for a larger one.
    private func usualCapacityBytes(_ state: State) -> Int {
        let index = min(state.startedCount, capacitiesBytes.count - 1)
        return min(capacitiesBytes[index], max(capBytes / 4, capacitiesBytes[0]))
    }

    /// On a full disk a flush may free segments: it is waited for, once.
    private func waitsForFlush(_ capacityBytes: Int, after error: EngineError) -> Bool {
        guard error.code == .diskFull else { return false }
        return state.withLock { state in
            state.hasAskedForFlush = !state.hasAskedForFlush && state.live.count > 1
            guard state.hasAskedForFlush else { return false }
            state.wantedBytes = max(state.wantedBytes ?? 0, capacityBytes)
            state.isPreparing = false
            return true
        }
    }

    private func offer(_ segment: LogSegment) throws(EngineError) {
        guard !hooks.offer(segment) else { return }
        // The log has moved to a later one meanwhile; who waits for room asks again.
        try shelve(segment)
        state.withLock { $0.wantedBytes = max($0.wantedBytes ?? 0, segment.capacityBytes) }
    }

    private func giveBack(_ spare: FileNumber?, _ capacityBytes: Int) {
        if let spare { state.withLock { $0.spares[spare] = capacityBytes } }
    }

    private func shelve(_ segment: LogSegment) throws(EngineError) {
        try hooks.commit([
            .removeSegment(segment.number),
            .addSpare(segment.fileNumber, capacityBytes: segment.capacityBytes),
        ])
        state.withLock { state in
            state.live.removeAll { $0.record.number == segment.number }
            state.spares[segment.fileNumber] = segment.capacityBytes
        }
    }

    /// Makes or reuses a file and enters it into the manifest.
    func make(_ capacityBytes: Int, _ spare: FileNumber?) throws(EngineError) -> LogSegment {
        let fileNumber = spare ?? numbers.file()
        let record = SegmentRecord(
            number: numbers.segment(),
            file: fileNumber,
            identity: FileIdentity(drawnFrom: world.randomness),
            capacityBytes: capacityBytes
        )
        let file: any File
        do throws(FileError) {
            file = try openFile(fileNumber, capacityBytes, isNew: spare == nil)
        } catch {
            giveBack(spare, capacityBytes)
            throw EngineError(error)
        }
        let freed: [ManifestEdit] = spare.map { [.removeSpare($0)] } ?? []
        do throws(EngineError) {
            try hooks.commit([numbers.edit, .addSegment(record)] + freed)
        } catch {
            // Of a full disk's manifest it is known what it says: nothing of this.
            if error.code == .diskFull {
                giveBack(spare, capacityBytes)
                file.close()
                if spare == nil { try remove([fileNumber]) }
            }
            throw error
        }
        state.withLock { state in
            state.hasAskedForFlush = false
            state.live.append(Live(record: record, base: nil))
            state.live.sort { $0.record.number < $1.record.number }
        }
        return LogSegment(
            number: record.number,
            fileNumber: fileNumber,
            identity: record.identity,
            capacityBytes: capacityBytes,
            file: file
        )
    }

    private func openFile(
        _ number: FileNumber,
        _ capacityBytes: Int,
        isNew: Bool
    ) throws(FileError) -> any File {
        let path = directory + "/" + number.fileName(SegmentFormat.fileSuffix)
        // A spare that somebody has removed is made anew.
        let isNew = isNew ? true : try world.files.kind(of: path) == nil
        let size = SegmentFormat.headerSize + capacityBytes
        // To fill a disk only to find that it is full would take from others what is left.
        let free = isNew ? try world.files.freeSpaceBytes(directory) : size
        guard free >= size else {
            let reason = "a segment of the log takes \(size) bytes, \(free) are free"
            throw FileError(.noSpace, "zeroFill", path, reason)
        }
        let file = try world.files.open(path, isNew ? .create : .readWrite)
        do throws(FileError) {
            try file.prepare(capacityBytes: capacityBytes)
            guard isNew else { return file }
            try world.files.syncDirectory(directory)
        } catch {
            // What was allocated must not stay: the disk may be full because of it.
            file.close()
            if isNew { try world.files.remove(path) }
            throw error
        }
        return file
    }

    /// The smallest spare of at least this capacity, or the capacity of a file to be made.
    func takeSpare(_ minimumBytes: Int) -> (capacityBytes: Int, spare: FileNumber?) {
        let most = largestCapacityBytes()
        return state.withLock { state in
            let unit = LogRecordFormat.pageSize
            let usual = min(most, usualCapacityBytes(state))
            let capacity = max(usual, (minimumBytes + unit - 1) / unit * unit)
            let spares = state.spares.filter { $0.value >= capacity }
            guard let spare = spares.min(by: { ($0.value, $0.key) < ($1.value, $1.key) }) else {
                return (capacity, nil)
            }
            state.spares[spare.key] = nil
            return (spare.value, spare.key)
        }
    }

    /// - Returns: segments that hold nothing, and are none of the log's any more.
    func note(_ move: LogMove) -> [SegmentRecord] {
        state.withLock { state in
            state.startedCount += 1
            state.failed.insert(move.from)
            let left = state.live.filter { move.passedOver.contains($0.record.number) }
            state.live.removeAll { move.passedOver.contains($0.record.number) }
            for index in state.live.indices
            where state.live[index].record.number == move.to.number {
                state.live[index].base = move.base
            }
            return left.map(\.record)
        }
    }

    /// Which files to keep as spares, and which to remove.
    func divide(
        _ freed: [SegmentRecord]
    ) -> (kept: [SegmentRecord], dropped: [SegmentRecord]) {
        let (capacity, failed) = state.withLock { (usualCapacityBytes($0), $0.failed) }
        var (count, total) = state.withLock { state in
            let live = state.live.reduce(0) { $0 + $1.record.capacityBytes }
            let count = state.spares.values.count { $0 >= capacity }
            return (count, state.spares.values.reduce(live, +))
        }
        var kept: [SegmentRecord] = []
        var dropped: [SegmentRecord] = []
        for segment in freed {
            // One that is too small for the load would never be taken, and keep others away; a new one
            // costs as much writing as its log.
            let isUseful = segment.capacityBytes >= capacity && !failed.contains(segment.number)
            let isFitting = total + segment.capacityBytes <= capBytes
            if isUseful, count == 0 || (count < Self.spareLimit && isFitting) {
                count += 1
                total += segment.capacityBytes
                kept.append(segment)
            } else {
                dropped.append(segment)
            }
        }
        return (kept, dropped)
    }

    func remove(_ dropped: [FileNumber]) throws(EngineError) {
        do throws(FileError) {
            for number in dropped {
                try world.files.remove(directory + "/" + number.fileName(SegmentFormat.fileSuffix))
            }
        } catch {
            throw EngineError(error)
        }
    }

    /// Log has become free, or a flush has failed to free it: who waits for a segment is answered.
    func retryIfWanted() {
        let mustStart = state.withLock { state in
            guard state.wantedBytes != nil, !state.isPreparing else { return false }
            state.isPreparing = true
            return true
        }
        if mustStart { world.scheduler.schedule(.housekeeping) { self.prepare() } }
    }
}

extension File {
    /// Gives a segment its whole length, durably, before the manifest names it.
    ///
    /// A spare has it, unless it was cut off while nobody needed it.
    func prepare(capacityBytes: Int) throws(FileError) {
        let wanted = SegmentFormat.headerSize + capacityBytes
        let size = try sizeBytes()
        guard size < wanted else { return }
        try zeroFill(from: size, to: wanted)
        try sync()
    }
}
