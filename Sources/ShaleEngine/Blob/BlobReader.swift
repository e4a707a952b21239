internal import ShaleBytes
internal import ShalePlatform

/// Reads values out of one blob segment: one read from disk for each that is not in the cache.
///
/// Making one costs nothing; the file is opened with the first read. Any number of threads may read.
final class BlobReader: Sendable {
    let reference: BlobFileReference
    let decoder: PieceDecoder
    private let path: String
    private let files: any FileSystem
    private let cache: BlockCache
    private let opened = LazyPublished<OpenedBlobFile>()

    /// The segment `reference` of `directory`; nothing is read yet.
    init(
        _ reference: BlobFileReference,
        in directory: String,
        files: any FileSystem,
        cache: BlockCache
    ) {
        let name = reference.number.fileName(BlobFormat.suffix)
        self.reference = reference
        self.files = files
        self.cache = cache
        path = "\(directory)/\(name)"
        decoder = PieceDecoder(file: name, identity: reference.identity)
    }

    /// The value that `blob` refers to, lent like a block's bytes: from memory or, if `mode` allows, from
    /// disk with its checksum compared.
    ///
    /// Except in `.sequential` mode the caller holds a slot of the cache.
    /// - Throws: `.wouldBlock` for a read in memory only; `.corrupted` with file and offset.
    func value(_ blob: BlobReference, _ mode: ReadMode) throws(EngineError) -> EntryValue {
        precondition(blob.file == reference.number, "the reference is one to this segment")
        let offset = blob.piece.offset
        let key = mode == .sequential ? nil : BlockCache.Key(reference.number, offset)
        if let key, cache.keepsValue(blob.valueSize), let frame = cache.find(key) {
            return EntryValue(
                block: CachedBlock(lent: frame),
                range: try valueRange(of: frame, blob)
            )
        }
        guard mode != .memoryOnly else { throw .needsDisk }
        let frame = try read(blob, key?.rawValue ?? 0)
        let block =
            key != nil && cache.keepsValue(blob.valueSize)
            ? cache.insert(frame) : CachedBlock(owned: frame)
        return EntryValue(block: block, range: 0..<blob.valueSize)
    }

    /// Where in the file the blob lies.
    func range(of blob: BlobReference) throws(EngineError) -> Range<Int> {
        guard let range = blob.piece.range(before: reference.sizeBytes - BlobFormat.footerSize)
        else { throw damage(blob, "a reference leads outside of the blob segment") }
        return range
    }

    /// The open file; of several threads that open it at once, one wins, and the others close theirs.
    func file() throws(EngineError) -> any File {
        if let opened = opened.strong { return opened.file }
        do throws(FileError) {
            return opened.publishIfNone(OpenedBlobFile(try files.open(path, .read))).file
        } catch {
            throw EngineError(error)
        }
    }

    /// Forgets the cached values of a file that was removed.
    func dropValues() { cache.removeAll(of: reference.number) }

    /// The blob in a frame of its own, value first; its layout says how long the value is.
    private func read(_ blob: BlobReference, _ key: UInt64) throws(EngineError) -> Frame {
        let range = try range(of: blob)
        let file = try file()
        let stored: Frame
        do throws(FileError) {
            stored = try Frame(key: key, upTo: range.count) { (room) throws(FileError) in
                try file.read(at: range.lowerBound, into: &room)
            }
        } catch {
            throw EngineError(error)
        }
        do throws(EngineError) {
            return try unpacked(stored, blob)
        } catch {
            stored.free()
            throw error
        }
    }

    /// `stored` itself where the blob is not compressed; otherwise another frame, and `stored` is freed.
    private func unpacked(_ stored: Frame, _ blob: BlobReference) throws(EngineError) -> Frame {
        let bytes = stored.body
        let type = try decoder.check(bytes.span, at: blob.piece, expecting: .blob)
        let body = bytes[0..<(bytes.count - PieceFormat.trailerSize)]
        let packsValue = type == .compressedData
        let offset = Int(truncatingIfNeeded: blob.piece.offset)
        let size =
            packsValue ? try decoder.sizeBeforeCompression(body.span, at: offset) : body.count
        guard size == blob.valueSize else {
            throw damage(blob, "a blob of \(size) bytes, the entry says \(blob.valueSize)")
        }
        let layout = Frame.Layout(
            kind: PieceContent.blob.rawValue,
            first: UInt64(size),
            second: 0
        )
        guard packsValue else {
            stored.layout = layout
            return stored
        }
        let frame: Frame
        do throws(LZ4.Malformed) {
            let packed = body[PieceFormat.compressedHeaderSize..<body.count]
            frame = try Frame(key: stored.key, decompressing: packed.span, count: size)
        } catch {
            throw decoder.notLZ4(size, at: offset)
        }
        stored.free()
        frame.layout = layout
        return frame
    }

    private func valueRange(
        of frame: Frame,
        _ blob: BlobReference
    ) throws(EngineError) -> Range<Int> {
        guard frame.content == .blob, frame.layout.first == UInt64(blob.valueSize) else {
            throw damage(blob, "what is in memory of this place is not a blob of this length")
        }
        return 0..<blob.valueSize
    }

    private func damage(_ blob: BlobReference, _ reason: String) -> EngineError {
        decoder.damage(Int(truncatingIfNeeded: blob.piece.offset), reason)
    }
}

/// An open blob segment; closed when the last reference is gone.
private final class OpenedBlobFile: Sendable {
    let file: any File

    init(_ file: any File) { self.file = file }
}
