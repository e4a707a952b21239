internal import ShaleBytes
internal import ShalePlatform

/// Reads one run file or blob segment from the disk, piece by piece, and compares all checksums.
///
/// It goes on from where it stopped at any time, and has nothing in memory but pointers to pieces that it
/// has yet to read. Damage ends only what hangs below the damaged piece. What is cached is read again: it
/// is the disk that is asked.
struct FileScrub: Sendable {
    private struct Visit {
        var piece: PiecePointer
        var content: PieceContent
        /// The level that an index piece must have; nil for a root.
        var level: Int?
    }

    /// A file of the manifest.
    enum Subject: Sendable {
        case run(RunFileReference)
        case blob(BlobFileReference)

        var number: FileNumber {
            switch self {
            case .run(let file): file.number
            case .blob(let file): file.number
            }
        }

        var sizeBytes: Int {
            switch self {
            case .run(let file): file.sizeBytes
            case .blob(let file): file.sizeBytes
            }
        }

        var name: String {
            switch self {
            case .run(let file): file.number.fileName(RunFormat.suffix)
            case .blob(let file): file.number.fileName(BlobFormat.suffix)
            }
        }
    }

    let subject: Subject
    private let file: any File
    private let decoder: PieceDecoder
    /// The next one last.
    private var visits: [Visit] = []
    /// Pieces before this offset were read by an earlier process.
    private let skipped: Int
    /// Behind the last value or block that was read.
    private(set) var offset: Int
    /// What opening the file has read.
    private(set) var openingBytes = 0

    var isDone: Bool { visits.isEmpty }

    /// Opens the file and reads what leads to everything else.
    init(
        _ subject: Subject,
        in directory: String,
        _ files: any FileSystem,
        from offset: Int
    ) throws(EngineError) {
        self.subject = subject
        self.offset = offset
        skipped = offset
        do throws(FileError) {
            file = try files.open(directory + "/" + subject.name, .read)
        } catch {
            guard error.code == .notFound else { throw EngineError(error) }
            let reason = "the manifest names this file, but it is not there"
            throw EngineError(.corrupted, file: subject.name, offset: 0, reason)
        }
        switch subject {
        case .run(let reference):
            decoder = PieceDecoder(file: subject.name, identity: reference.identity)
            visits = try Self.roots(file, subject.name, reference)
        case .blob(let reference):
            decoder = PieceDecoder(file: subject.name, identity: reference.identity)
            visits = try Self.blobs(file, subject.name, reference, decoder)
        }
        openingBytes = RunFormat.headerSize + RunFormat.footerSize
    }

    private static func roots(
        _ file: any File,
        _ name: String,
        _ reference: RunFileReference
    ) throws(EngineError) -> [Visit] {
        let bytes = try file.bytes(0..<RunFormat.headerSize)
        let header = try RunFileHeader(decoding: bytes, file: name)
        guard header.identity == reference.identity else {
            let reason = "the header is of another file: identity \(header.identity)"
            throw EngineError(.corrupted, file: name, offset: 0, reason)
        }
        let cache = BlockCache(capacityBytes: 0)
        let opened = try OpenedRunFile(file, name: name, reference, cache: cache)
        return opened.sections.reversed().flatMap { section in
            [Visit(piece: section.root.piece, content: .index)] + filter(section.root)
        }
    }

    private static func filter(_ child: IndexChild) -> [Visit] {
        child.filter.isNone ? [] : [Visit(piece: child.filter, content: .filter)]
    }

    private static func blobs(
        _ file: any File,
        _ name: String,
        _ reference: BlobFileReference,
        _ decoder: PieceDecoder
    ) throws(EngineError) -> [Visit] {
        var walk = try BlobFileWalk(file, name: name)
        guard let lengths = walk.lengths(expecting: reference) else {
            throw walk.problems.first
                ?? EngineError(.corrupted, file: name, offset: 0, "the segment is not whole")
        }
        if let problem = walk.problems.first { throw problem }
        var offset = BlobFormat.headerSize
        var visits: [Visit] = []
        for length in lengths {
            // The checksum is read from behind the blob: entries have the other copies.
            let piece = PiecePointer(offset: UInt64(offset), length: length, checksum: 0)
            visits.append(Visit(piece: piece, content: .blob))
            offset += Int(length)
        }
        return visits.reversed()
    }

    /// Reads the next piece that is due.
    /// - Returns: how many bytes were read, and what was wrong with them.
    mutating func step() -> (bytes: Int, problem: EngineError?) {
        while let visit = visits.popLast() {
            let start = Int(clamping: visit.piece.offset)
            let isContent = visit.content == .data || visit.content == .blob
            if isContent, start < skipped { continue }
            let length = Int(visit.piece.length)
            do throws(EngineError) {
                try read(visit, start..<(start + length))
                if isContent { offset = start + length }
                return (length, nil)
            } catch {
                if isContent { offset = start + length }
                return (length, error)
            }
        }
        return (0, nil)
    }

    private mutating func read(_ visit: Visit, _ range: Range<Int>) throws(EngineError) {
        guard range.upperBound <= subject.sizeBytes else {
            throw decoder.damage(range.lowerBound, "a pointer leads outside of the file")
        }
        var stored = ByteBuffer()
        try stored.read(range, of: file)
        var pointer = visit.piece
        let place = stored.count - MemoryLayout<UInt32>.size
        if visit.content == .blob, stored.count == range.count, place >= 0 {
            pointer.checksum = stored.lent.integer(UInt32.self, at: place)
        }
        var body = ByteBuffer()
        try decoder.decode(stored.lent, at: pointer, expecting: visit.content, to: &body)
        guard visit.content == .index else { return }
        do throws(MalformedPiece) {
            try descend(body.lent, visit.level)
        } catch {
            throw decoder.damage(range.lowerBound, error.reason)
        }
    }

    private mutating func descend(_ body: LentBytes, _ level: Int?) throws(MalformedPiece) {
        let piece = try IndexPiece(checking: body.span)
        guard level == nil || piece.level == level else {
            throw MalformedPiece("an index piece of level \(piece.level) in a wrong place")
        }
        for index in (0..<piece.count).reversed() {
            let child = piece.child(index, in: body.span)
            let content: PieceContent = piece.level == 0 ? .data : .index
            let below = piece.level == 0 ? nil : piece.level - 1
            visits.append(Visit(piece: child.piece, content: content, level: below))
            visits += Self.filter(child)
        }
    }
}

extension BlobFileWalk {
    /// The lengths of all blobs, if header, footer and directory are whole; what is wrong is in
    /// `problems`.
    mutating func lengths(expecting reference: BlobFileReference) -> [UInt32]? {
        walkEnds(expecting: reference).map { $0.directory.lengths }
    }
}
