internal import ShaleBytes
internal import ShalePlatform
internal import Synchronization

/// Reads values out of one blob segment: one read from disk for each.
///
/// Making one costs nothing; the file is opened with the first read. Any number of threads may read.
final class BlobReader: Sendable {
    let reference: BlobFileReference
    private let path: String
    private let files: any FileSystem
    private let decoder: PieceDecoder
    private let opened = AtomicLazyReference<OpenedBlobFile>()

    /// The segment `reference` of `directory`; nothing is read yet.
    init(_ reference: BlobFileReference, in directory: String, files: any FileSystem) {
        let name = reference.number.fileName(BlobFormat.suffix)
        self.reference = reference
        self.files = files
        path = "\(directory)/\(name)"
        decoder = PieceDecoder(file: name, identity: reference.identity)
    }

    /// Writes the value over what is in `buffer`.
    /// - Throws: `.wouldBlock` for a read in memory only; `.corrupted` with file and offset.
    func read(
        _ blob: BlobReference,
        _ mode: ReadMode,
        to buffer: inout ByteBuffer
    ) throws(EngineError) {
        precondition(blob.file == reference.number, "the reference is one to this segment")
        guard mode != .memoryOnly else { throw .needsDisk }
        let offset = Int(truncatingIfNeeded: blob.piece.offset)
        let end = reference.sizeBytes - BlobFormat.footerSize
        guard let range = blob.piece.range(before: end) else {
            throw decoder.damage(offset, "a reference leads outside of the blob segment")
        }
        var stored = ByteBuffer(capacity: range.count)
        try stored.read(range, of: try file())
        try decoder.decode(stored.lent, at: blob.piece, expecting: .data, to: &buffer)
        guard buffer.count == blob.valueSize else {
            throw decoder.damage(
                offset,
                "a blob of \(buffer.count) bytes, the entry says \(blob.valueSize)"
            )
        }
    }

    /// The open file; of several threads that open it at once, one wins, and the others close theirs.
    private func file() throws(EngineError) -> any File {
        if let opened = opened.load() { return opened.file }
        do throws(FileError) {
            return opened.storeIfNil(OpenedBlobFile(try files.open(path, .read))).file
        } catch {
            throw EngineError(error)
        }
    }
}

/// An open blob segment; closed when the last reference is gone.
private final class OpenedBlobFile: Sendable {
    let file: any File

    init(_ file: any File) { self.file = file }
}
