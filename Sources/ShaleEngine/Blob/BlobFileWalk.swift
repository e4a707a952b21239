internal import ShaleBytes
internal import ShalePlatform

/// The blobs that a segment was found to hold, in the order of the file.
struct BlobTable: Sendable {
    /// A blob whose checksum matches.
    struct Blob: Hashable, Sendable {
        var piece: PiecePointer
        var valueSize: Int
    }

    var blobs: [Blob] = []
    /// Whether damage was met: then a blob that is not here may have been there.
    var isIncomplete = false

    /// Why `reference` leads to no blob of the segment; nil if it does.
    func objection(to reference: BlobReference) -> String? {
        var low = 0
        var high = blobs.count
        while low < high {
            let middle = (low + high) / 2
            if blobs[middle].piece.offset < reference.piece.offset {
                low = middle + 1
            } else {
                high = middle
            }
        }
        let place =
            "\(reference.file.fileName(BlobFormat.suffix)), offset \(reference.piece.offset)"
        guard low < blobs.count, blobs[low].piece.offset == reference.piece.offset else {
            return isIncomplete ? nil : "an entry refers to \(place), where no blob begins"
        }
        let found = Blob(piece: reference.piece, valueSize: reference.valueSize)
        return blobs[low] == found ? nil : "an entry says otherwise of the blob in \(place)"
    }
}

/// Goes through a whole blob segment: every byte, every checksum, and all that must agree.
///
/// Damage ends only what depends on it: behind a damaged blob the walk goes on with the next one.
struct BlobFileWalk {
    private let file: any File
    private let name: String
    private let size: Int
    private(set) var parts: [FilePart] = []
    private(set) var problems: [EngineError] = []
    private(set) var table = BlobTable()

    init(_ file: any File, name: String) throws(EngineError) {
        self.file = file
        self.name = name
        size = try file.checkedSize()
    }

    /// Walks the file; call it once.
    ///
    /// `needed` are the offsets of the blobs that some run refers to; nil if that is not known.
    mutating func walk(expecting reference: BlobFileReference?, needed: Set<UInt64>? = nil) {
        guard let (footer, directory, decoder) = walkEnds(expecting: reference) else {
            return table.isIncomplete = true
        }
        let start = Int(clamping: footer.directory.offset)
        var offset = BlobFormat.headerSize
        for length in directory.lengths {
            let end = offset + Int(length)
            guard length >= UInt32(PieceFormat.trailerSize), end <= start else {
                complain(start, "the blob directory leads outside of the blobs")
                return table.isIncomplete = true
            }
            walkBlob(offset..<end, decoder, needed)
            offset = end
        }
        if offset != start { complain(offset, "nothing points to these \(start - offset) bytes") }
        let total = offset - BlobFormat.headerSize
        if directory.lengths.count != footer.blobCount || UInt64(total) != footer.blobBytes {
            complain(start, "the blob directory and the footer disagree")
        }
    }

    /// Header, footer and directory; nil if what leads to the blobs is damaged.
    mutating func walkEnds(
        expecting reference: BlobFileReference?
    ) -> (footer: BlobFileFooter, directory: BlobDirectory, decoder: PieceDecoder)? {
        let header = walkHeader()
        let footer = walkFooter()
        if let reference { compare(header, footer, with: reference) }
        guard let footer else { return nil }
        if let header, header.identity != footer.identity {
            complain(0, "header and footer disagree on the identity of the file")
        }
        let decoder = PieceDecoder(
            file: name,
            identity: reference?.identity ?? footer.identity
        )
        guard let directory = walkDirectory(footer, decoder) else { return nil }
        return (footer, directory, decoder)
    }

    private mutating func complain(_ offset: Int, _ reason: String) {
        problems.append(EngineError(.corrupted, file: name, offset: offset, reason))
    }

    private mutating func damaged(_ range: Range<Int>, _ what: String, _ error: EngineError) {
        problems.append(error)
        parts.append(FilePart(range, what, [error.reason], isDamaged: true))
    }

    private mutating func walkHeader() -> BlobFileHeader? {
        let range = 0..<min(size, BlobFormat.headerSize)
        do throws(EngineError) {
            let header = try BlobFileHeader(decoding: try file.bytes(range), file: name)
            let lines = [
                "magic SHALEBLB, format version \(BlobFormat.version)",
                "identity \(header.identity), checksum ok",
            ]
            parts.append(FilePart(range, "header", lines))
            return header
        } catch {
            damaged(range, "header", error)
            return nil
        }
    }

    private mutating func walkFooter() -> BlobFileFooter? {
        let start = max(min(size, BlobFormat.headerSize), size - BlobFormat.footerSize)
        do throws(EngineError) {
            let bytes = try file.bytes(start..<size)
            let footer = try BlobFileFooter(decoding: bytes, at: start, file: name)
            let lines = [
                "blob directory at \(footer.directory.offset), \(footer.directory.length) bytes",
                "identity \(footer.identity)",
                "\(footer.blobCount) blobs of \(footer.blobBytes) bytes",
                "format version \(BlobFormat.version), checksum "
                    + "\(Hexadecimal.text(footer.checksum)) ok, magic SHALEBND",
            ]
            parts.append(FilePart(start..<size, "footer", lines))
            return footer
        } catch {
            damaged(start..<size, "footer", error)
            return nil
        }
    }

    private mutating func compare(
        _ header: BlobFileHeader?,
        _ footer: BlobFileFooter?,
        with reference: BlobFileReference
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
        if footer.identity != reference.identity || footer.checksum != reference.footerChecksum
            || footer.blobCount != reference.blobCount
            || footer.blobBytes != UInt64(reference.blobBytes)
        {
            complain(
                max(0, size - BlobFormat.footerSize),
                "the footer is not what the manifest says of this segment"
            )
        }
    }

    private mutating func walkDirectory(
        _ footer: BlobFileFooter,
        _ decoder: PieceDecoder
    ) -> BlobDirectory? {
        let end = size - BlobFormat.footerSize
        guard let range = footer.directory.range(before: end), range.upperBound == end else {
            complain(end, "the footer does not point to a blob directory in front of it")
            return nil
        }
        do throws(EngineError) {
            var body = ByteBuffer()
            try read(range, footer.directory, .directory, decoder, &body)
            do throws(MalformedPiece) {
                let directory = try BlobDirectory(checking: body.lent)
                let lines = ["\(directory.lengths.count) blobs, checksum ok"]
                parts.append(FilePart(range, "blob directory", lines))
                return directory
            } catch {
                throw decoder.damage(range.lowerBound, error.reason)
            }
        } catch {
            damaged(range, "blob directory", error)
            return nil
        }
    }

    private mutating func walkBlob(
        _ range: Range<Int>,
        _ decoder: PieceDecoder,
        _ needed: Set<UInt64>?
    ) {
        do throws(EngineError) {
            // The other copies of the checksum are in the entries that refer to the blob.
            let trailer = try file.bytes((range.upperBound - 4)..<range.upperBound)
            let piece = PiecePointer(
                offset: UInt64(range.lowerBound),
                length: UInt32(range.count),
                checksum: trailer.reversed().reduce(0) { $0 << 8 | UInt32($1) }
            )
            var value = ByteBuffer()
            let type = try read(range, piece, .blob, decoder, &value)
            table.blobs.append(BlobTable.Blob(piece: piece, valueSize: value.count))
            let isStale = needed.map { !$0.contains(piece.offset) } ?? false
            let packing = type == .compressedData ? ", LZ4" : ""
            var lines = ["a value of \(value.count) bytes\(packing), checksum ok"]
            if isStale { lines.append("no run refers to it any more: it waits for collection") }
            parts.append(FilePart(range, isStale ? "stale blob" : "blob", lines))
        } catch {
            table.isIncomplete = true
            damaged(range, "blob", error)
        }
    }

    @discardableResult
    private func read(
        _ range: Range<Int>,
        _ pointer: PiecePointer,
        _ content: PieceContent,
        _ decoder: PieceDecoder,
        _ body: inout ByteBuffer
    ) throws(EngineError) -> PieceType {
        var stored = ByteBuffer()
        try stored.read(range, of: file)
        return try decoder.decode(stored.lent, at: pointer, expecting: content, to: &body)
    }
}
