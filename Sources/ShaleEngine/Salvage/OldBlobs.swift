internal import ShaleBytes
internal import ShalePlatform

/// The blob segments of a damaged database, found by the manifest or, where that has lost them, by their own
/// footers.
final class OldBlobs {
    private let old: OldDatabase
    private let cache: BlockCache
    private var readers: [FileNumber: BlobReader] = [:]

    init(_ old: OldDatabase, _ cache: BlockCache) {
        self.old = old
        self.cache = cache
    }

    /// A copy of the value that a reference in a run leads to.
    /// - Throws: what is wrong with the segment or with the blob.
    func value(_ reference: LentBytes) throws(EngineError) -> [UInt8] {
        let blob = try BlobReference.checked(reference)
        return try reader(blob.file).value(blob, .sequential).bytes
    }

    private func reader(_ number: FileNumber) throws(EngineError) -> BlobReader {
        if let reader = readers[number] { return reader }
        var reference = old.state.blobFiles[number]
        if reference == nil { reference = try self.reference(number) }
        guard let reference else { preconditionFailure("it was found or an error thrown") }
        let reader = BlobReader(reference, in: old.path, files: old.files, cache: cache)
        readers[number] = reader
        return reader
    }

    /// What the manifest would say of a segment, by its own footer.
    private func reference(_ number: FileNumber) throws(EngineError) -> BlobFileReference {
        let name = number.fileName(BlobFormat.suffix)
        let file: any File
        do throws(FileError) {
            file = try old.files.open(old.path + "/" + name, .read)
        } catch {
            throw EngineError(error)
        }
        defer { file.close() }
        let size = try file.checkedSize()
        let start = max(0, size - BlobFormat.footerSize)
        let bytes = try file.bytes(start..<size)
        let footer = try BlobFileFooter(decoding: bytes, at: start, file: name)
        return BlobFileReference(
            number: number,
            identity: footer.identity,
            sizeBytes: size,
            footerChecksum: footer.checksum,
            blobCount: footer.blobCount,
            blobBytes: Int(clamping: footer.blobBytes)
        )
    }
}
