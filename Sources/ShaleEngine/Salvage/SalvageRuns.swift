internal import ShaleBytes
internal import ShalePlatform

/// Copies what can be read of the sorted runs, oldest first.
///
/// With a whole manifest the runs are those it names. With a damaged one, files that it does not name
/// may belong to it all the same: a section's table is then the one whose seed gives the hash that
/// its first key has, and its age is that of its newest entry.
struct SalvageRuns {
    private struct Source {
        var table: TableID
        var range: EntryRange
        var section: RunSection
        /// The section's first and last key.
        var keys: (first: [UInt8], last: [UInt8])
    }

    private let old: OldDatabase
    private let target: SalvageTarget
    private let cache = BlockCache(capacityBytes: 0)
    private let blobs: OldBlobs

    init(_ old: OldDatabase, into target: SalvageTarget) {
        self.old = old
        self.target = target
        blobs = OldBlobs(old, cache)
    }

    func copy() throws(EngineError) {
        let sources = old.isWhole ? named() : byAge(unnamed() + named())
        for source in sources { try copy(source) }
    }

    private func named() -> [Source] {
        var sources: [Source] = []
        var files: [FileNumber: RunFile] = [:]
        for partition in old.state.partitions.values.sorted(by: { $0.id < $1.id }) {
            let whole = EntryRange(lower: partition.lower, upper: partition.upper)
            for run in partition.runs.reversed() {
                var range = whole
                if KeyOrder.isAscending(range.lower, run.lowerBound) {
                    range.lower = run.lowerBound
                }
                for piece in run.pieces {
                    guard let file = files[piece.file] ?? open(piece.file, partition.table, piece)
                    else { continue }
                    files[piece.file] = file
                    sources.append(
                        Source(
                            table: partition.table,
                            range: range,
                            section: file.section(piece.section),
                            keys: (piece.firstKey, piece.lastKey)
                        )
                    )
                }
            }
        }
        return sources
    }

    /// The file with this number; nil, with a report, if the manifest has lost it.
    private func open(_ number: FileNumber, _ table: TableID, _ piece: RunPiece) -> RunFile? {
        if let reference = old.state.files[number] { return file(reference) }
        target.report.lost.append(
            LostRange(
                table: table,
                fromKey: piece.firstKey,
                toKey: piece.lastKey,
                file: number.fileName(RunFormat.suffix),
                offset: nil,
                reason: "the manifest has a run in this file but does not name the file"
            )
        )
        return nil
    }

    private func file(_ reference: RunFileReference) -> RunFile {
        RunFile(reference, in: old.path, files: old.files, cache: cache)
    }

    /// Sections of run files that a damaged manifest does not name.
    private func unnamed() -> [Source] {
        var sources: [Source] = []
        for name in old.names {
            guard let number = FileNumber(name: name, suffix: RunFormat.suffix),
                old.state.files[number] == nil
            else { continue }
            do throws(EngineError) {
                let file = file(try reference(number, name))
                for section in try file.sections(.sequential) {
                    let summary = try section.summary(.sequential)
                    guard let table = table(of: summary.firstKey) else {
                        cannotAssign(section.ordinal, summary, name)
                        continue
                    }
                    sources.append(
                        Source(
                            table: table.id,
                            range: .all,
                            section: section,
                            keys: (summary.firstKey, summary.lastKey)
                        )
                    )
                }
                target.report.notes.append(
                    "\(name) is not named by what can be read of the manifest; if it was no longer "
                        + "part of the database, deleted entries may have come back"
                )
            } catch {
                target.report.unreadableFiles.append(
                    UnreadableFile(file: name, reason: error.description)
                )
            }
        }
        return sources
    }

    private func cannotAssign(_ ordinal: Int, _ summary: SectionSummary, _ name: String) {
        target.report.lost.append(
            LostRange(
                file: name,
                offset: summary.fileRange.lowerBound,
                reason: "section \(ordinal), \(summary.entryCount) entries from "
                    + "\(EntryKey.words(of: summary.firstKey)) to "
                    + "\(EntryKey.words(of: summary.lastKey)), cannot be assigned to a table: only the "
                    + "manifest says which, and what can be read of it knows none with such keys"
            )
        )
    }

    private func table(of key: [UInt8]) -> EngineTable? {
        let partition = Array(EntryKey.partition(in: key))
        return old.state.tables.values.first {
            Hash.xxh3(partition, seed: $0.hashSeed) == EntryKey.hash(of: key)
        }
    }

    /// What the manifest would say of a file, by the file's own footer.
    private func reference(
        _ number: FileNumber,
        _ name: String
    ) throws(EngineError) -> RunFileReference {
        let file: any File
        do throws(FileError) {
            file = try old.files.open(old.path + "/" + name, .read)
        } catch {
            throw EngineError(error)
        }
        defer { file.close() }
        let size = try file.checkedSize()
        let start = max(0, size - RunFormat.footerSize)
        let bytes = try file.bytes(start..<size)
        let (footer, checksum) = try RunFileFooter.decode(bytes, at: start, file: name)
        return RunFileReference(
            number: number,
            identity: footer.identity,
            sizeBytes: size,
            footerChecksum: checksum
        )
    }

    /// By the position of the newest entry.
    ///
    /// Of two as new the one that comes first stays first, so runs of a
    /// partition stay in the manifest's order.
    private func byAge(_ sources: [Source]) -> [Source] {
        sources.map { (source: $0, newest: newest(of: $0)) }.enumerated()
            .sorted { ($0.element.newest, $0.offset) < ($1.element.newest, $1.offset) }
            .map(\.element.source)
    }

    /// Zero for a section that cannot be read: it is reported when it is copied.
    private func newest(of source: Source) -> LogPosition {
        do throws(EngineError) {
            return try source.section.summary(.sequential).origin.newest
        } catch {
            return .zero
        }
    }

    private func copy(_ source: Source) throws(EngineError) {
        let name = source.section.file.name
        target.reading(name)
        do throws(EngineError) {
            let lost = try source.section.salvage {
                (key, kind, value) throws(EngineError) in
                guard source.range.contains(key) else { return }
                switch kind {
                case .value: try target.add(source.table, key, value.copied())
                case .tombstone: try target.add(source.table, key, nil)
                case .blob: try copyBlob(source.table, key, value)
                }
            }
            for keys in lost { report(keys, source, name) }
        } catch {
            if let failure = target.failure { throw failure }
            let unreadable = UnreadableFile(file: name, reason: error.description)
            if !target.report.unreadableFiles.contains(unreadable) {
                target.report.unreadableFiles.append(unreadable)
            }
            report(.init(after: nil, through: source.keys.last, error: error), source, name)
        }
    }

    /// Copies a large value from its blob segment; one that cannot be read is lost alone.
    private func copyBlob(
        _ table: TableID,
        _ key: [UInt8],
        _ reference: LentBytes
    ) throws(EngineError) {
        let value: [UInt8]
        do throws(EngineError) {
            value = try blobs.value(reference)
        } catch {
            let pointer = PiecePointer(in: reference, at: BlobReference.pointerOffset)
            target.report.lost.append(
                LostRange(
                    table: table,
                    fromKey: key,
                    toKey: key,
                    file: BlobShare(of: reference).file.fileName(BlobFormat.suffix),
                    offset: Int(truncatingIfNeeded: pointer.offset),
                    reason: error.reason
                )
            )
            return
        }
        try target.add(table, key, value)
    }

    /// The part of the lost keys that the source would have given.
    private func report(_ lost: RunSection.LostKeys, _ source: Source, _ name: String) {
        var from = lost.after.map { $0 + [0] } ?? source.keys.first
        if KeyOrder.isAscending(from, source.range.lower) { from = source.range.lower }
        var through = lost.through
        if let upper = source.range.upper {
            guard KeyOrder.isAscending(from, upper) else { return }
            if KeyOrder.isAscending(upper, through) { through = upper }
        }
        guard !KeyOrder.isAscending(through, from) else { return }
        target.report.lost.append(
            LostRange(
                table: source.table,
                fromKey: from,
                toKey: through,
                file: name,
                offset: lost.error.offset,
                reason: lost.error.reason
            )
        )
    }
}
