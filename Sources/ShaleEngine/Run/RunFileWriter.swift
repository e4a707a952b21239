internal import ShaleBytes
internal import ShalePlatform

/// How a run file is cut and packed.
struct RunFileShape: Hashable, Sendable {
    /// Blocks from 256 bytes (tests) to 64 KiB.
    private static let blockSizes = 256...(64 * 1024)

    let blockSizeBytes: Int
    let filterBitsPerKey: Int
    let compression: EngineOptions.Compression

    /// Where a run lies among those of its partition.
    enum Place: Sendable {
        case upper, bottom
    }

    /// What upper runs have more, for each key: a get of a key in the bottom run asks all their filters
    /// before, and they hold little of the data (Monkey, Dayan 2017).
    private static let upperFilterBits = 4

    /// What the user chose, brought into bounds.
    init(_ options: EngineOptions, _ place: Place) {
        let bits = options.filterBitsPerKey
        self.init(
            blockSizeBytes: options.blockSizeBytes,
            filterBitsPerKey: place == .upper && bits > 0 ? bits + Self.upperFilterBits : bits,
            compression: options.compression
        )
    }

    /// As given, brought into bounds.
    init(blockSizeBytes: Int, filterBitsPerKey: Int, compression: EngineOptions.Compression) {
        let sizes = Self.blockSizes
        self.blockSizeBytes = min(max(blockSizeBytes, sizes.lowerBound), sizes.upperBound)
        self.filterBitsPerKey = min(max(filterBitsPerKey, 0), FilterFormat.largestBitsPerKey)
        self.compression = compression
    }
}

/// What the manifest keeps of a run file: enough to open it and to know that it is the right one.
struct RunFileReference: Hashable, Sendable {
    var number: FileNumber
    var identity: FileIdentity
    var sizeBytes: Int
    var footerChecksum: UInt32
}

/// A run file that was written: its reference, and what its sections hold, in the order of the file.
struct WrittenRunFile: Hashable, Sendable {
    var reference: RunFileReference
    var sections: [SectionSummary]
}

/// Writes a run file from its beginning to its end, in memory bounded as `SectionWriter` says.
///
/// `beginSection`, then `append` with ascending keys, then `endSection`; as often as there are
/// partitions; then `finish`, which syncs once, or `abandon`. The name becomes durable when the
/// caller syncs the directory. After an error only `abandon` may follow.
struct RunFileWriter: ~Copyable, Sendable {
    private let number: FileNumber
    private let identity: FileIdentity
    private let shape: RunFileShape
    private let files: any FileSystem
    private let path: String
    private let file: any File
    private var output: PieceOutput
    private var section: SectionWriter?
    private var sections: [SectionSummary] = []

    /// Creates the file in `directory`; fails if it exists.
    ///
    /// What is warm stays in `cache`.
    init(
        _ number: FileNumber,
        in directory: String,
        identity: FileIdentity,
        shape: RunFileShape,
        files: any FileSystem,
        cache: BlockCache? = nil
    ) throws(EngineError) {
        let path = "\(directory)/\(number.fileName(RunFormat.suffix))"
        let file: any File
        do throws(FileError) {
            file = try files.open(path, .create)
            file.expectOneStream()
        } catch {
            throw EngineError(error)
        }
        var output = PieceOutput(
            file: file,
            identity: identity,
            warming: cache.map { BlockWarming($0, number) }
        )
        try output.append(raw: RunFileHeader(identity: identity).encoded())
        self.number = number
        self.identity = identity
        self.shape = shape
        self.files = files
        self.path = path
        self.file = file
        self.output = output
    }

    /// Bytes of the file so far; nearly: the block under construction is not counted.
    var bytesWritten: Int { output.offset }

    /// How many entries the finished sections hold.
    private var entryCount: Int { sections.reduce(0) { $0 + $1.entryCount } }

    /// Starts the entries of one partition.
    mutating func beginSection(_ origin: SectionOrigin) {
        precondition(section == nil, "one section at a time")
        section = SectionWriter(shape: shape, origin: origin, at: output.offset)
    }

    /// Adds an entry; its key must be greater than the last one of the section.
    mutating func append(
        key: LentBytes,
        value: LentBytes,
        kind: EntryKind,
        warmth: Int? = nil
    ) throws(EngineError) {
        precondition(section != nil, "an entry belongs to a section")
        try section?.append(key: key, value: value, kind: kind, warmth: warmth, to: &output)
    }

    /// Adds an entry, or a tombstone for nil.
    mutating func append(key: [UInt8], value: [UInt8]?) throws(EngineError) {
        try key.withLentBytes { (key) throws(EngineError) in
            try (value ?? []).withLentBytes { (bytes) throws(EngineError) in
                try append(key: key, value: bytes, kind: value == nil ? .tombstone : .value)
            }
        }
    }

    /// Ends the section.
    ///
    /// One without entries leaves no trace, and the answer is nil.
    @discardableResult
    mutating func endSection() throws(EngineError) -> SectionSummary? {
        precondition(section != nil, "a section was begun")
        guard var ending = section.take(), !ending.isEmpty else { return nil }
        let summary = try ending.finish(&output)
        sections.append(summary)
        return summary
    }

    /// Writes directory and footer, syncs and closes the file; if that fails, removes it.
    consuming func finish() throws(EngineError) -> WrittenRunFile {
        precondition(section == nil, "the last section was ended")
        do throws(EngineError) {
            return try complete()
        } catch {
            file.close()
            // What failed first says more; a file that stays is no one's, and goes at the next opening.
            var failure = error
            do throws(FileError) {
                try files.remove(path)
            } catch {
                failure.reason += "; its file stays until the next opening: \(error)"
            }
            throw failure
        }
    }

    private mutating func complete() throws(EngineError) -> WrittenRunFile {
        let body = SectionDirectory(sections: sections).encoded()
        let directory = try body.withLentBytes { (body) throws(EngineError) in
            try output.append(.directory, body)
        }
        let footer = RunFileFooter(
            directory: directory,
            identity: identity,
            sectionCount: UInt32(sections.count),
            entryCount: UInt64(entryCount)
        )
        let (bytes, checksum) = footer.encoded(at: output.offset)
        try output.append(raw: bytes)
        try output.drain()
        do throws(FileError) {
            try file.sync()
        } catch {
            throw EngineError(error)
        }
        file.close()
        return WrittenRunFile(
            reference: RunFileReference(
                number: number,
                identity: identity,
                sizeBytes: output.offset,
                footerChecksum: checksum
            ),
            sections: sections
        )
    }

    /// Closes and removes the unfinished file.
    consuming func abandon() throws(EngineError) {
        file.close()
        do throws(FileError) {
            try files.remove(path)
        } catch {
            throw EngineError(error)
        }
    }
}
