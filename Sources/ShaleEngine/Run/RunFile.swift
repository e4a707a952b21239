internal import ShaleBytes
internal import ShalePlatform

/// A run file that the manifest names.
///
/// Making one costs nothing: the file is opened, and its footer and section directory are read,
/// when a section is first needed. Any number of threads may read.
///
/// The file is closed when the last reference to this object and to what was opened through it is gone.
final class RunFile: Sendable {
    let reference: RunFileReference
    private let directory: String
    private let files: any FileSystem
    private let cache: BlockCache
    private let lazilyOpened = LazyPublished<OpenedRunFile>()

    /// The file `reference` of `directory`; nothing is read yet.
    init(
        _ reference: RunFileReference,
        in directory: String,
        files: any FileSystem,
        cache: BlockCache
    ) {
        self.reference = reference
        self.directory = directory
        self.files = files
        self.cache = cache
    }

    /// "000012.run".
    var name: String { reference.number.fileName(RunFormat.suffix) }

    /// The section with this place in the file; nothing is read yet.
    func section(_ ordinal: Int) -> RunSection { RunSection(file: self, ordinal: ordinal) }

    /// All sections, in the order of the file.
    func sections(_ mode: ReadMode) throws(EngineError) -> [RunSection] {
        try opened(mode).sections.indices.map { section($0) }
    }

    /// The open file.
    ///
    /// Of several threads that open it at once, one wins, and the others close theirs.
    func opened(_ mode: ReadMode) throws(EngineError) -> OpenedRunFile {
        if let opened = lazilyOpened.strong { return opened }
        guard mode != .memoryOnly else { throw .needsDisk }
        let file: any File
        do throws(FileError) {
            file = try files.open("\(directory)/\(name)", .read)
        } catch {
            throw EngineError(error)
        }
        file.expectScatteredReads()
        let opened = try OpenedRunFile(file, name: name, reference, cache: cache)
        return lazilyOpened.publishIfNone(opened)
    }

    /// Lends the open file: it stays open as long as this object lives.
    @inline(__always)
    func withOpened<Answer>(
        _ mode: ReadMode,
        _ body: (OpenedRunFile) throws(EngineError) -> Answer
    ) throws(EngineError) -> Answer {
        if let answer = try lazilyOpened.with(body) { return answer }
        return try body(opened(mode))
    }

    /// As above, for as long as this object lives.
    func lendOpened(_ mode: ReadMode) throws(EngineError) -> Unretained<OpenedRunFile> {
        try withOpened(mode) { Unretained($0) }
    }

    /// Forgets the cached blocks of a file that was removed.
    func dropBlocks() { cache.removeAll(of: reference.number) }
}

/// An open run file with its directory in memory.
final class OpenedRunFile: Sendable {
    /// Read from the end of a file to open it: footer and, of most files, the whole directory.
    private static let tailSizeBytes = 4096

    let sections: [SectionSummary]
    let decoder: PieceDecoder
    private let number: FileNumber
    private let file: any File
    private let cache: BlockCache
    /// Where the footer begins: no piece reaches over it.
    private let end: Int

    init(
        _ file: any File,
        name: String,
        _ reference: RunFileReference,
        cache: BlockCache
    ) throws(EngineError) {
        self.file = file
        self.cache = cache
        number = reference.number
        end = reference.sizeBytes - RunFormat.footerSize
        decoder = PieceDecoder(file: name, identity: reference.identity)
        sections = try Self.readSections(file, reference, decoder)
    }

    /// Reads footer and directory, and compares them with what the manifest knows.
    private static func readSections(
        _ file: any File,
        _ reference: RunFileReference,
        _ decoder: PieceDecoder
    ) throws(EngineError) -> [SectionSummary] {
        let size = try file.checkedSize()
        guard size == reference.sizeBytes, size >= RunFormat.headerSize + RunFormat.footerSize
        else {
            throw decoder.damage(
                min(size, reference.sizeBytes),
                "the file is \(size) bytes long, the manifest says \(reference.sizeBytes)"
            )
        }
        let end = size - RunFormat.footerSize
        let tailStart = max(0, size - tailSizeBytes)
        let tail = try file.bytes(tailStart..<size)
        guard tail.count == size - tailStart else {
            throw decoder.damage(tailStart, "the file ends early")
        }
        let (footer, checksum) = try RunFileFooter.decode(
            Array(tail.suffix(RunFormat.footerSize)),
            at: end,
            file: decoder.file
        )
        guard footer.identity == reference.identity, checksum == reference.footerChecksum else {
            throw decoder.damage(
                end,
                "the footer is of another file: identity \(footer.identity), checksum "
                    + "\(Hexadecimal.text(checksum)); the manifest says \(reference.identity), "
                    + Hexadecimal.text(reference.footerChecksum)
            )
        }
        guard let range = footer.directory.range(before: end) else {
            throw decoder.damage(end, "the footer points outside of the file")
        }
        let stored =
            range.lowerBound >= tailStart
            ? Array(tail[(range.lowerBound - tailStart)..<(range.upperBound - tailStart)])
            : try file.bytes(range)
        return try decoder.directory(stored, footer).sections
    }

    /// The block that `pointer` points to, from memory or, if `mode` allows, from disk.
    ///
    /// Except in `.sequential` mode the caller holds a slot of the cache.
    func block(
        _ pointer: PiecePointer,
        _ content: PieceContent,
        _ mode: ReadMode
    ) throws(EngineError) -> CachedBlock {
        if mode != .sequential, let key = BlockCache.Key(number, pointer.offset),
            let frame = cache.find(key)
        {
            guard frame.content == content else {
                throw decoder.damage(
                    Int(truncatingIfNeeded: pointer.offset),
                    "a \(frame.content) piece where a \(content) piece is expected"
                )
            }
            return CachedBlock(lent: frame)
        }
        return try read(pointer, content, mode)
    }

    /// Whether a block is in the cache.
    func isInMemory(_ pointer: PiecePointer) -> Bool {
        BlockCache.Key(number, pointer.offset).map { cache.has($0) } ?? false
    }

    /// Begins to read what lies behind a block on the disk.
    func beginReading(_ pointer: PiecePointer, count: Int) {
        guard let range = pointer.range(before: end) else { return }
        file.beginReading(from: range.lowerBound, count: min(count, end - range.lowerBound))
    }

    private func read(
        _ pointer: PiecePointer,
        _ content: PieceContent,
        _ mode: ReadMode
    ) throws(EngineError) -> CachedBlock {
        guard mode != .memoryOnly else { throw .needsDisk }
        let start = cache.durations?.now
        defer { if let start { cache.durations?.note(.blockRead, since: start) } }
        let stored = try file.bytes(try range(of: pointer))
        let key = BlockCache.Key(number, pointer.offset)
        // Safety: every bit pattern of a byte is a byte.
        let frame = try unsafe decoder.frame(
            stored.span.bytes,
            at: pointer,
            expecting: content,
            key: key?.rawValue ?? 0
        )
        return mode == .blocking && key != nil ? cache.insert(frame) : CachedBlock(owned: frame)
    }

    private func range(of pointer: PiecePointer) throws(EngineError) -> Range<Int> {
        guard let range = pointer.range(before: end) else {
            throw decoder.damage(
                Int(truncatingIfNeeded: pointer.offset),
                "a pointer leads outside of the file"
            )
        }
        return range
    }
}

extension PieceDecoder {
    /// The section directory in its stored piece.
    func directory(
        _ stored: [UInt8],
        _ footer: RunFileFooter
    ) throws(EngineError) -> SectionDirectory {
        let offset = Int(truncatingIfNeeded: footer.directory.offset)
        // Safety: every bit pattern of a byte is a byte.
        let piece = try unsafe decode(
            stored.span.bytes,
            at: footer.directory,
            expecting: .directory
        )
        let directory: SectionDirectory
        do throws(MalformedPiece) {
            directory = try SectionDirectory(checking: piece.body, before: offset)
        } catch {
            throw damage(offset, error.reason)
        }
        guard directory.sections.count == Int(footer.sectionCount) else {
            throw damage(
                offset,
                "\(directory.sections.count) sections, the footer says \(footer.sectionCount)"
            )
        }
        return directory
    }
}

extension File {
    /// The length, with the engine's error.
    func checkedSize() throws(EngineError) -> Int {
        do throws(FileError) {
            return try sizeBytes()
        } catch {
            throw EngineError(error)
        }
    }

    /// The bytes of a range, fewer where the file ends, with the engine's error.
    func bytes(_ range: Range<Int>) throws(EngineError) -> [UInt8] {
        do throws(FileError) {
            return try read(at: range.lowerBound, count: range.count)
        } catch {
            throw EngineError(error)
        }
    }
}
