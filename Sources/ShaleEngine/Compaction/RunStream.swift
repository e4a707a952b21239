internal import ShaleBytes
internal import ShalePlatform

/// Goes through the entries of a sorted run in ascending order, past the cache, for compaction.
///
/// Reads each file in large stretches with an opening of its own, checks every piece, and lends keys and
/// values out of one block that is decompressed over the one before. No step from an entry to the next
/// allocates. Keys that do not ascend are damage.
struct RunStream: ~Copyable, EntrySource, Sendable {
    /// Large enough that the device streams; a compaction of twelve runs takes 6 MiB.
    private static let stretchBytes = 512 * 1024

    /// A section of a run file and how to get at it.
    struct Part: Sendable {
        var reference: RunFileReference
        var summary: SectionSummary
    }

    private let files: any FileSystem
    private let directory: String
    private let cache: BlockCache?
    private let range: EntryRange
    /// Sections that are still to come, the next one last.
    private var parts: [Part]

    private var file: (any File)?
    private var decoder = PieceDecoder(file: "", identity: FileIdentity(first: 0, second: 0))
    private var walk: IndexWalk?
    private var sectionEnd = 0
    private var stretch = ByteBuffer()
    private var stretchStart = 0

    private var blockOffset = 0
    private var number = FileNumber(0)
    private(set) var warmth: Int?
    private var block = ByteBuffer()
    private var entries: BlockEntries?
    /// Whether entries of this block can lie behind the end of the range.
    private var mayReachEnd = false
    private var prefixLength = 0
    /// Two buffers take turns, so that a key can be compared with the one before.
    private var keyBytes = ByteBuffer()
    private var previousKey = ByteBuffer()
    private var entry = BlockEntries.Entry(suffix: 0..<0, value: 0..<0, kind: .value)
    private(set) var isAtEnd = false

    /// At the first entry of `parts`, which ascend and do not overlap, that lies in `range`.
    ///
    /// `cache` is asked how warm the blocks are.
    init(
        _ parts: [Part],
        _ range: EntryRange,
        in directory: String,
        _ files: any FileSystem,
        cache: BlockCache? = nil
    ) throws(EngineError) {
        self.parts = parts.reversed()
        self.range = range
        self.directory = directory
        self.files = files
        self.cache = cache
        try goToNext()
        while !isAtEnd, isKey(before: range.lower) { try advance() }
    }

    var key: LentBytes { keyBytes.lent }
    var value: LentBytes { block.lent(entry.value) }
    var kind: EntryKind { entry.kind }

    mutating func advance() throws(EngineError) {
        precondition(!isAtEnd, "there is an entry here")
        swap(&keyBytes, &previousKey)
        try goToNext()
        guard isAtEnd || LentBytes.compare(previousKey.lent, keyBytes.lent) < 0 else {
            throw decoder.damage(blockOffset, "keys of a data block do not ascend")
        }
    }

    /// The next entry of this block, or the first one of the next block or section.
    private mutating func goToNext() throws(EngineError) {
        while true {
            if let next = try nextInBlock() {
                entry = next
                keyBytes.removeAll()
                if let prefix = entries?.prefix { keyBytes.append(block.lent(prefix)) }
                keyBytes.append(block.lent(next.suffix))
                if mayReachEnd, let upper = range.upper, !isKey(before: upper) { break }
                return
            }
            guard try loadNextBlock() else { break }
        }
        isAtEnd = true
        file?.close()
        file = nil
    }

    @inline(__always)
    private mutating func nextInBlock() throws(EngineError) -> BlockEntries.Entry? {
        do throws(MalformedPiece) {
            return try entries?.next(in: block.lent)
        } catch {
            throw decoder.damage(blockOffset, error.reason)
        }
    }

    private func isKey(before bound: [UInt8]) -> Bool {
        bound.withLentBytes { LentBytes.compare(keyBytes.lent, $0) < 0 }
    }

    /// - Returns: false when there is no further block.
    private mutating func loadNextBlock() throws(EngineError) -> Bool {
        entries = nil
        while true {
            if let pointer = try walk?.next() {
                try load(pointer)
                return true
            }
            guard let part = parts.popLast() else { return false }
            try open(part)
        }
    }

    private mutating func open(_ part: Part) throws(EngineError) {
        let name = part.reference.number.fileName(RunFormat.suffix)
        file?.close()
        let opened: any File
        do throws(FileError) {
            opened = try files.open(directory + "/" + name, .read)
        } catch {
            throw EngineError(error)
        }
        file = opened
        number = part.reference.number
        decoder = PieceDecoder(file: name, identity: part.reference.identity)
        sectionEnd = part.summary.fileRange.upperBound
        stretch.removeAll()
        walk = IndexWalk(opened, decoder, part.summary, notBefore: range.lower)
    }

    private mutating func load(_ pointer: PiecePointer) throws(EngineError) {
        blockOffset = Int(truncatingIfNeeded: pointer.offset)
        guard let range = pointer.range(before: sectionEnd), let file else {
            throw decoder.damage(blockOffset, "a pointer leads outside of its section")
        }
        if range.lowerBound < stretchStart || range.upperBound > stretchStart + stretch.count {
            stretch.removeAll()
            stretchStart = range.lowerBound
            let end = max(range.upperBound, min(sectionEnd, stretchStart + Self.stretchBytes))
            try stretch.read(stretchStart..<end, of: file)
        }
        let lower = min(range.lowerBound - stretchStart, stretch.count)
        let upper = min(range.upperBound - stretchStart, stretch.count)
        try decoder.decode(stretch.lent(lower..<upper), at: pointer, expecting: .data, to: &block)
        do throws(MalformedPiece) {
            entries = try BlockEntries(block.lent)
        } catch {
            throw decoder.damage(blockOffset, error.reason)
        }
        warmth = BlockCache.Key(number, pointer.offset).flatMap { cache?.warmth(of: $0) }
        if let upper = self.range.upper { mayReachEnd = try walk?.mayReach(upper) ?? true }
    }
}
