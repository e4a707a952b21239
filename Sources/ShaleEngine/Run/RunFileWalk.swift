internal import ShaleBytes
internal import ShalePlatform

/// Goes through a whole run file, from the footer down to every entry, and collects what lies where
/// and everything that is wrong.
///
/// Needs no manifest, but compares with its reference where there is one. Damage ends only what
/// depends on it: behind a damaged block the walk goes on with the next one. Every piece is visited once,
/// so a made-up file cannot lead it in circles.
struct RunFileWalk {
    private let file: any File
    private let name: String
    private let size: Int
    private(set) var parts: [RunFilePart] = []
    private(set) var problems: [EngineError] = []
    private var visited: Set<UInt64> = []
    /// The blobs of segments, to compare references with; others are not looked at.
    let blobs: [FileNumber: BlobTable]

    init(
        _ file: any File,
        name: String,
        blobs: [FileNumber: BlobTable] = [:]
    ) throws(EngineError) {
        self.file = file
        self.name = name
        self.blobs = blobs
        size = try file.checkedSize()
    }

    /// Walks the file; call it once.
    mutating func walk(expecting reference: RunFileReference?) {
        let header = walkHeader()
        let footer = walkFooter()
        if let reference { compare(header, footer, with: reference) }
        let identity = reference?.identity ?? footer?.footer.identity ?? header?.identity
        if let footer, let identity {
            if header.map({ $0.identity != footer.footer.identity }) ?? false {
                complain(0, "header and footer disagree on the identity of the file")
            }
            let decoder = PieceDecoder(file: name, identity: identity)
            walkSections(footer.footer, decoder)
        }
        parts.sort { $0.range.lowerBound < $1.range.lowerBound }
        explainGaps()
    }

    mutating func complain(_ offset: Int, _ reason: String) {
        problems.append(EngineError(.corrupted, file: name, offset: offset, reason))
    }

    mutating func add(_ range: Range<Int>, _ content: RunFilePart.Content) {
        parts.append(RunFilePart(range: range, content: content))
    }

    /// Reads the piece at `pointer` and takes it apart.
    ///
    /// Nil, with a complaint, if it is damaged.
    mutating func piece(
        _ pointer: PiecePointer,
        _ content: PieceContent,
        _ decoder: PieceDecoder
    ) -> PieceDecoder.Piece? {
        let offset = Int(truncatingIfNeeded: pointer.offset)
        guard let range = pointer.range(before: size - RunFormat.footerSize) else {
            complain(max(0, offset), "a pointer to a \(content) piece leads outside of the file")
            return nil
        }
        guard visited.insert(pointer.offset).inserted else {
            complain(offset, "two pointers lead to the same \(content) piece")
            return nil
        }
        do throws(EngineError) {
            let stored = try file.bytes(range)
            // Safety: every bit pattern of a byte is a byte.
            return try unsafe decoder.decode(stored.span.bytes, at: pointer, expecting: content)
        } catch {
            problems.append(error)
            add(range, .damaged("\(content) piece: \(error.reason)"))
            return nil
        }
    }

    private mutating func bytes(_ range: Range<Int>) -> [UInt8]? {
        do throws(EngineError) {
            return try file.bytes(range)
        } catch {
            problems.append(error)
            return nil
        }
    }

    private mutating func walkHeader() -> RunFileHeader? {
        let range = 0..<min(size, RunFormat.headerSize)
        guard let bytes = bytes(range) else { return nil }
        do throws(EngineError) {
            let header = try RunFileHeader(decoding: bytes, file: name)
            let fields: [(Int, String, String)] = [
                (RunFormat.headVersionOffset, "magic", "SHALERUN"),
                (RunFormat.headIdentityOffset, "format version", "\(header.version)"),
                (RunFormat.headChecksumOffset, "identity", "\(header.identity)"),
                (RunFormat.headerSize, "checksum", "ok"),
            ]
            addFields("header", from: 0, fields)
            return header
        } catch {
            problems.append(error)
            add(range, .damaged("header: \(error.reason)"))
            return nil
        }
    }

    private mutating func walkFooter() -> (footer: RunFileFooter, checksum: UInt32)? {
        let start = max(min(size, RunFormat.headerSize), size - RunFormat.footerSize)
        guard let bytes = bytes(start..<size) else { return nil }
        do throws(EngineError) {
            let (footer, checksum) = try RunFileFooter.decode(bytes, at: start, file: name)
            let directory = footer.directory
            let fields: [(Int, String, String)] = [
                (
                    RunFormat.footIdentityOffset, "section directory",
                    "at \(directory.offset), \(directory.length) bytes"
                ),
                (RunFormat.footSectionCountOffset, "identity", "\(footer.identity)"),
                (RunFormat.footEntryCountOffset, "sections", "\(footer.sectionCount)"),
                (RunFormat.footVersionOffset, "entries", "\(footer.entryCount)"),
                (RunFormat.footChecksumOffset, "format version", "\(RunFormat.version)"),
                (RunFormat.footMagicOffset, "checksum", "\(Hexadecimal.text(checksum)) ok"),
                (RunFormat.footerSize, "magic", "SHALEEND"),
            ]
            addFields("footer", from: start, fields)
            return (footer, checksum)
        } catch {
            problems.append(error)
            add(start..<size, .damaged("footer: \(error.reason)"))
            return nil
        }
    }

    /// Adds fields, each given with the offset of its end.
    private mutating func addFields(
        _ part: String,
        from start: Int,
        _ fields: [(end: Int, name: String, value: String)]
    ) {
        var lower = start
        for field in fields {
            let upper = start + field.end
            add(lower..<upper, .field(of: part, name: field.name, value: field.value))
            lower = upper
        }
    }

    private mutating func compare(
        _ header: RunFileHeader?,
        _ footer: (footer: RunFileFooter, checksum: UInt32)?,
        with reference: RunFileReference
    ) {
        if size != reference.sizeBytes {
            complain(
                min(size, reference.sizeBytes),
                "the file is \(size) bytes long, the manifest says \(reference.sizeBytes)"
            )
        }
        if let header, header.identity != reference.identity {
            complain(0, "the header is of another file: identity \(header.identity)")
        }
        guard let footer else { return }
        if footer.footer.identity != reference.identity
            || footer.checksum != reference.footerChecksum
        {
            complain(
                max(0, size - RunFormat.footerSize),
                "the footer is of another file: identity \(footer.footer.identity)"
            )
        }
    }

    private mutating func walkSections(_ footer: RunFileFooter, _ decoder: PieceDecoder) {
        guard let piece = piece(footer.directory, .directory, decoder),
            let range = footer.directory.range(before: size)
        else { return }
        let directory: SectionDirectory
        do throws(MalformedPiece) {
            directory = try SectionDirectory(checking: piece.body, before: range.lowerBound)
        } catch {
            complain(range.lowerBound, error.reason)
            return add(range, .damaged("section directory: \(error.reason)"))
        }
        add(range, .directory(sections: directory.sections.count))
        if directory.sections.count != Int(footer.sectionCount) {
            complain(range.lowerBound, "the footer says \(footer.sectionCount) sections")
        }
        let entryCount = directory.sections.reduce(UInt64(0)) { $0 &+ UInt64($1.entryCount) }
        if entryCount != footer.entryCount {
            complain(
                range.lowerBound,
                "\(entryCount) entries, the footer says \(footer.entryCount)"
            )
        }
        var end = RunFormat.headerSize
        for (ordinal, summary) in directory.sections.enumerated() {
            if summary.fileRange.lowerBound != end {
                complain(end, "section \(ordinal) does not begin where the one before it ends")
            }
            end = summary.fileRange.upperBound
            var section = SectionWalk(ordinal: ordinal, summary: summary, decoder: decoder)
            section.walk(in: &self)
        }
        if end != range.lowerBound {
            complain(end, "the section directory does not begin where the last section ends")
        }
    }

    /// Names what no part covers, and complains of what two cover.
    private mutating func explainGaps() {
        var all: [RunFilePart] = []
        var end = 0
        for part in parts {
            if part.range.lowerBound > end {
                let gap = end..<part.range.lowerBound
                all.append(RunFilePart(range: gap, content: .unexplained))
                complain(end, "nothing points to these \(gap.count) bytes")
            } else if part.range.lowerBound < end {
                complain(part.range.lowerBound, "two pieces overlap")
            }
            all.append(part)
            end = max(end, part.range.upperBound)
        }
        if end < size {
            all.append(RunFilePart(range: end..<size, content: .unexplained))
            complain(end, "nothing points to these \(size - end) bytes")
        }
        parts = all
    }
}
