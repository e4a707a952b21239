internal import ShalePlatform

/// Explains every byte of a run file, in the order of the file: for `shale inspect`.
enum RunFileInspector {
    /// The parts of `file`, without gaps or overlaps unless it is damaged.
    ///
    /// `name` is for messages.
    static func parts(of file: any File, name: String) throws(EngineError) -> [RunFilePart] {
        var walk = try RunFileWalk(file, name: name)
        walk.walk(expecting: nil)
        return walk.parts
    }
}

/// Checks a run file against itself and the manifest: for `shale verify`.
///
/// Every checksum in both places, key order across blocks, counts, separators, filters that know
/// every key, agreement of index and children, that every byte belongs to something, and that references
/// lead to blobs.
enum RunFileVerifier {
    /// Everything that is wrong, each with file and offset; empty if nothing is.
    static func problems(
        of file: any File,
        _ reference: RunFileReference,
        blobs: [FileNumber: BlobTable] = [:]
    ) throws(EngineError) -> [EngineError] {
        let name = reference.number.fileName(RunFormat.suffix)
        var walk = try RunFileWalk(file, name: name, blobs: blobs)
        walk.walk(expecting: reference)
        return walk.problems
    }
}
