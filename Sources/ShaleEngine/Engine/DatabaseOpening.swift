internal import ShaleBytes
internal import ShalePlatform

/// Everything that an engine is made of.
struct OpenedDatabase {
    var manifest: ManifestStore
    var numbers: Numbers
    var account: MemtableAccount
    var runFiles: RunFiles
    var background = Background()
    var map: PartitionMap
    var lock: (any FileLock)?
    var log: Engine.LogParts
    var wasClosed: Bool
}

/// Opens a database: manifest, then log, then partitions with what the log holds for them.
///
/// In this order, so that a crash at any point leaves something that opens:
/// 1. read the manifest, replay the log, decide where it ends;
/// 2. sync what was replayed;
/// 3. make a new segment, and write a new manifest that names it;
/// 4. start the segment: its header fixes the end of the log before it;
/// 5. serve.
struct DatabaseOpening {
    private let place: DatabaseDirectory
    private let world: World
    private let options: EngineOptions
    private let header: ManifestHeader
    private let reader: ManifestReader?
    let state: ManifestState
    private let segments: [LogRecovery.Found]
    private let passedOver: [SegmentRecord]
    private let account: MemtableAccount
    private let runFiles: RunFiles
    private let map: PartitionMap
    let outcome: LogRecovery.Outcome

    /// A database that is not there yet.
    init(creating place: DatabaseDirectory, _ world: World, _ options: EngineOptions) {
        self.place = place
        self.world = world
        self.options = options
        header = ManifestHeader(
            database: FileIdentity(drawnFrom: world.randomness),
            generation: 0,
            clock: DatabaseClock(of: world)
        )
        reader = nil
        state = ManifestState()
        segments = []
        passedOver = []
        account = MemtableAccount(retainedBytes: options.memoryBudgetBytes / 4)
        runFiles = Self.runFiles(place, world, options)
        map = PartitionMap([:])
        outcome = LogRecovery.Outcome(end: .nothing, nextBase: .zero, wallMilliseconds: 0)
    }

    /// Reads manifest and log.
    init(
        _ place: DatabaseDirectory,
        _ world: World,
        _ options: EngineOptions,
        _ mode: OpenMode
    ) throws(EngineError) {
        self.place = place
        self.world = world
        self.options = options
        let reader = try ManifestReader(try Self.manifestBytes(place))
        self.reader = reader
        header = reader.header
        if mode == .readWrite { try header.clock.require(DatabaseClock(of: world)) }
        state = reader.state
        let recovery = try LogRecovery(state, in: place.path, place.files, mode)
        try recovery.requireNoOthers(in: place.path, place.files, manifestEnd: reader.end)
        segments = recovery.segments
        passedOver = recovery.passedOver
        account = MemtableAccount(retainedBytes: options.memoryBudgetBytes / 4)
        runFiles = Self.runFiles(place, world, options)
        for file in state.files.values { runFiles.register(file) }
        for file in state.blobFiles.values { runFiles.blobs.register(file) }
        let map = try Self.map(state, runFiles, account)
        self.map = map
        let replay = Replay(into: map, reader)
        outcome = try recovery.replay(ReplayCrew(world.scheduler) { replay.add($0) })
        if let failure = replay.failure { throw failure }
        try Self.requireWhole(reader, outcome)
        // Not before: a manifest that has lost its end names segments that are gone.
        try place.requireBlobs(state)
    }

    private static func runFiles(
        _ place: DatabaseDirectory,
        _ world: World,
        _ options: EngineOptions
    ) -> RunFiles {
        let cache = BlockCache(
            capacityBytes: options.blockCacheBytes,
            durations: DurationClock(world.time)
        )
        return RunFiles(
            world: world,
            directory: place.path,
            cache: cache,
            tell: options.onEvent
        )
    }

    static func manifestBytes(_ place: DatabaseDirectory) throws(EngineError) -> [UInt8] {
        do throws(FileError) {
            let file = try place.files.open(place.path + "/" + ManifestFormat.fileName, .read)
            defer { file.close() }
            return try file.read(at: 0, count: try file.sizeBytes())
        } catch {
            throw EngineError(error)
        }
    }

    /// A manifest that ends in a broken group is the work of a crash, unless the log knows better.
    private static func requireWhole(
        _ reader: ManifestReader,
        _ outcome: LogRecovery.Outcome
    ) throws(EngineError) {
        guard let witness = outcome.manifest, witness.generation == reader.header.generation,
            witness.lengthBytes > UInt64(reader.end)
        else { return }
        throw reader.stop
            ?? EngineError(
                .corrupted,
                file: ManifestFormat.fileName,
                offset: reader.end,
                "the manifest ends here, but the log knows it to be synced through "
                    + "\(witness.lengthBytes) bytes"
            )
    }

    private static func map(
        _ state: ManifestState,
        _ runFiles: RunFiles,
        _ account: MemtableAccount
    ) throws(EngineError) -> PartitionMap {
        var tables: [TableID: PartitionMap.TablePartitions] = [:]
        for table in state.tables.values {
            tables[table.id] = PartitionMap.TablePartitions(table: table, partitions: [])
        }
        for record in state.partitions.values.sorted(by: { $0.id < $1.id }) {
            try requireFiles(record, state)
            let partition = PartitionView(
                id: record.id,
                table: record.table,
                lower: record.lower,
                upper: record.upper,
                flushedThrough: record.flushedThrough,
                active: Memtable(lower: record.lower, upper: record.upper, account: account),
                sealed: [],
                runs: record.runs.map { runFiles.run($0) }
            )
            tables[record.table]?.partitions.append(partition)
        }
        for id in tables.keys {
            tables[id]?.partitions.sort { KeyOrder.isAscending($0.lower, $1.lower) }
            try requireCover(id, tables[id]?.partitions ?? [])
        }
        return PartitionMap(tables)
    }

    private static func requireFiles(
        _ record: PartitionRecord,
        _ state: ManifestState
    ) throws(EngineError) {
        for run in record.runs {
            for piece in run.pieces where state.files[piece.file] == nil {
                throw EngineError(
                    .corrupted,
                    file: ManifestFormat.fileName,
                    "partition \(record.id.rawValue) has a run in file \(piece.file), which the manifest "
                        + "does not name"
                )
            }
            for share in run.blobs.shares where state.blobFiles[share.file] == nil {
                throw EngineError(
                    .corrupted,
                    file: ManifestFormat.fileName,
                    "partition \(record.id.rawValue) has values in blob segment \(share.file), which "
                        + "the manifest does not name"
                )
            }
        }
    }

    private static func requireCover(
        _ table: TableID,
        _ partitions: [PartitionView]
    ) throws(EngineError) {
        var end: [UInt8]? = []
        for partition in partitions {
            guard partition.lower == end else {
                end = nil
                break
            }
            end = partition.upper
        }
        guard !partitions.isEmpty, end == nil, partitions.last?.upper == nil,
            partitions.first?.lower == []
        else {
            throw EngineError(
                .corrupted,
                file: ManifestFormat.fileName,
                "the partitions of \(table) do not cover all keys exactly once"
            )
        }
    }

    /// For reading only: nothing in the directory changes.
    func forReading(_ lock: any FileLock) throws(EngineError) -> OpenedDatabase {
        guard let reader else { preconditionFailure("there is a database") }
        let file: any File
        do throws(FileError) {
            file = try place.files.open(place.path + "/" + ManifestFormat.fileName, .read)
        } catch {
            throw EngineError(error)
        }
        return OpenedDatabase(
            manifest: ManifestStore(reading: reader, file, place.files, in: place.path),
            numbers: Numbers(state.next),
            account: account,
            runFiles: runFiles,
            map: map,
            lock: lock,
            log: Engine.LogParts(lane: nil, segments: nil, end: outcome.nextBase),
            wasClosed: state.closedAt != nil
        )
    }

    /// For everything: steps 2 to 4.
    func forWriting(_ lock: any FileLock, _ link: EngineLink) throws(EngineError) -> OpenedDatabase
    {
        try makeReplayedDurable()
        try place.removeOrphans(state)
        var next = state
        next.closedAt = nil
        next.logSyncedThrough = max(next.logSyncedThrough, outcome.endPosition)
        // A segment that was prepared and never started becomes a spare, and so does one that failed.
        for record in segments.filter({ $0.header == nil }).map(\.record) + passedOver {
            next.segments[record.number] = nil
            next.spares[record.file] = record.capacityBytes
        }
        let numbers = Numbers(next.next)
        let first = FirstSegment(place, world, capacityBytes: options.firstSegmentBytes)
        let segment = try first.make(&next, numbers)
        next.next = numbers.current
        var header = header
        header.generation += 1
        let manifest = try ManifestStore(next, header, in: place.path, place.files)
        let started: SegmentHeader
        do throws(FileError) {
            started = try segment.start(outcome.end, base: outcome.nextBase)
        } catch {
            throw EngineError(error)
        }
        let archive = try LogArchive(in: place.path, place.files)
        return assemble(lock, link, manifest, numbers, segment, started, archive)
    }

    private func assemble(
        _ lock: any FileLock,
        _ link: EngineLink,
        _ manifest: ManifestStore,
        _ numbers: Numbers,
        _ segment: LogSegment,
        _ header: SegmentHeader,
        _ archive: LogArchive
    ) -> OpenedDatabase {
        let state = manifest.state
        var live: [SegmentStore.Live] = []
        for record in state.segments.values.sorted(by: { $0.number < $1.number }) {
            let base =
                record.number == segment.number
                ? header.base
                : segments.first { $0.record.number == record.number }?.header?.base
            live.append(SegmentStore.Live(record: record, base: base))
        }
        let store = SegmentStore(
            state,
            live: live,
            world: world,
            directory: place.path,
            numbers: numbers,
            archive: archive,
            capBytes: options.logCapBytes,
            unitBytes: options.firstSegmentBytes,
            hooks: link.segmentHooks
        )
        let lane = LogLane(
            world: world,
            hooks: link.logHooks,
            segment: segment,
            header: header,
            wallMilliseconds: outcome.wallMilliseconds
        )
        return OpenedDatabase(
            manifest: manifest,
            numbers: numbers,
            account: account,
            runFiles: runFiles,
            map: map,
            lock: lock,
            log: Engine.LogParts(lane: lane, segments: store, end: header.base),
            wasClosed: state.closedAt != nil
        )
    }

    /// What was replayed is served, and what the manifest does not name is removed, so both must survive the
    /// loss of power: the process before may have died with its last changes in the kernel only.
    ///
    /// A sync may even have failed there. Then the kernel holds pages that it takes for written, and another
    /// sync would do nothing: so what may be such a page is written again, as it is, and then synced.
    private func makeReplayedDurable() throws(EngineError) {
        guard let reader else { return }
        do throws(FileError) {
            let path = place.path + "/" + ManifestFormat.fileName
            let manifest = try place.files.open(path, .readWrite)
            defer { manifest.close() }
            try manifest.rewrite(from: 0, to: reader.end)
            try manifest.sync()
            try place.files.syncDirectory(place.path)
            // Of the log only the last segment: none gets a record before the one before it is synced.
            guard let last = segments.last(where: { $0.header != nil }), let header = last.header
            else { return }
            let isEnd = last.record.number == outcome.end.segment
            let length = isEnd ? outcome.end.lengthBytes : 0
            // All before the place of the seal was synced before the manifest was closed; the seal perhaps was not.
            let sealed = state.closedAt.map { Int($0.rawValue) - Int(header.base.rawValue) } ?? 0
            let start = sealed > 0 ? SegmentFormat.headerSize + sealed : 0
            try last.file.rewrite(from: start, to: SegmentFormat.headerSize + length)
            try last.file.sync()
        } catch {
            throw EngineError(error)
        }
    }
}

extension File {
    /// Writes what the file holds between two places, in whole pages, over itself.
    fileprivate func rewrite(from start: Int, to end: Int) throws(FileError) {
        let pageBytes = LogRecordFormat.pageSize
        let first = start / pageBytes * pageBytes
        let end = min((end + pageBytes - 1) / pageBytes * pageBytes, try sizeBytes())
        let stretch = 1024 * 1024
        for start in stride(from: first, to: end, by: stretch) {
            let bytes = try read(at: start, count: min(stretch, end - start))
            // Safety: every bit pattern of a byte is a byte.
            try unsafe write(bytes.span.bytes, at: start)
        }
    }
}

/// The segment with which an opened database goes on.
struct FirstSegment {
    private let place: DatabaseDirectory
    private let world: World
    private let capacityBytes: Int

    init(_ place: DatabaseDirectory, _ world: World, capacityBytes: Int) {
        self.place = place
        self.world = world
        self.capacityBytes = capacityBytes
    }

    /// Takes the smallest spare, or makes a file; enters it into `state`.
    func make(_ state: inout ManifestState, _ numbers: Numbers) throws(EngineError) -> LogSegment {
        let spare = state.spares.min { ($0.value, $0.key) < ($1.value, $1.key) }
        let number = spare?.key ?? numbers.file()
        let record = SegmentRecord(
            number: numbers.segment(),
            file: number,
            identity: FileIdentity(drawnFrom: world.randomness),
            capacityBytes: spare?.value ?? capacityBytes
        )
        state.spares[number] = nil
        state.segments[record.number] = record
        do throws(FileError) {
            let path = place.path + "/" + number.fileName(SegmentFormat.fileSuffix)
            let isThere = try place.files.kind(of: path) != nil
            if isThere, spare == nil { try place.files.remove(path) }
            // A spare that somebody has removed is made anew.
            let isNew = !isThere || spare == nil
            let file = try place.files.open(path, isNew ? .create : .readWrite)
            try file.prepare(capacityBytes: record.capacityBytes)
            // The name is durable before the manifest has it: of two names that are not synced, a crash may
            // leave either.
            if isNew { try place.files.syncDirectory(place.path) }
            return LogSegment(
                number: record.number,
                fileNumber: number,
                identity: record.identity,
                capacityBytes: record.capacityBytes,
                file: file
            )
        } catch {
            throw EngineError(error)
        }
    }
}

extension EngineLink {
    var logHooks: LogHooks {
        LogHooks(
            needsSegment: { size in self.engine?.segments?.request(minimumCapacityBytes: size) },
            manifestWitness: {
                self.engine?.manifest.witness ?? .init(generation: 0, lengthBytes: 0)
            },
            didFail: { error in self.engine?.emit(.logFailed(error)) },
            didStartSegment: { number, base in
                self.engine?.segments?.didStart(number, base: base)
                self.engine?.segments?.request(minimumCapacityBytes: 0)
            },
            makeSegment: { size throws(EngineError) in
                guard let engine = self.engine, let segments = engine.segments, !engine.isClosed
                else { throw EngineError(.closed, "the database was closed") }
                return try segments.makeNow(minimumCapacityBytes: size)
            },
            didMove: { move in self.engine?.logDidMove(move) }
        )
    }

    var segmentHooks: SegmentStore.Hooks {
        SegmentStore.Hooks(
            commit: { edits throws(EngineError) in
                guard let engine = self.engine else {
                    throw EngineError(.closed, "the database was closed")
                }
                try engine.turn.hold(engine.world.scheduler) { () throws(EngineError) in
                    try engine.manifest.commit(edits)
                }
            },
            makeWay: { capacity in self.engine?.readWriteLane?.makeWay(for: capacity) ?? .nothing },
            offer: { segment in self.engine?.readWriteLane?.offer(segment) ?? true },
            refuse: { error in self.engine?.readWriteLane?.refuseSpace(error) },
            tell: { error in self.engine?.emit(.backgroundFailed(error)) },
            isDiskFull: { self.engine?.diskSpace.isFull ?? false },
            flush: { self.engine?.requestFlush() },
            flushForSpace: { self.engine?.flushForSpace() },
            note: { error in self.engine?.noteFullDisk(error) },
            noteArchive: { error in self.engine?.noteArchive(error) }
        )
    }
}
