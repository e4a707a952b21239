public import ShalePlatform

/// Explains every byte of a file of a database, in the order of the file: for `shale inspect`.
///
/// It knows a file by its first bytes, and where they are damaged or not written yet by its name. It
/// needs only the file; if there is a manifest beside a segment of the log, it says what that calls it.
public enum FileInspector {
    /// The parts of the file at `path`: each of its bytes is in exactly one.
    ///
    /// Reads only. Damage is a part like others.
    /// - Throws: `.foreignDirectory` if the file is none of ours, `.inputOutput`.
    public static func parts(
        of path: String,
        in files: any FileSystem
    ) throws(EngineError) -> [FilePart] {
        let (directory, name) = split(path)
        let file: any File
        do throws(FileError) {
            file = try files.open(path, .read)
        } catch {
            throw EngineError(error)
        }
        defer { file.close() }
        let size = try file.checkedSize()
        switch try kind(of: file, name: name) {
        case .manifest:
            let bytes = try file.bytes(0..<size)
            return ManifestInspector.parts(of: bytes).tiling(bytes.count)
        case .segment:
            let bytes = try file.bytes(0..<size)
            let role = SegmentRole(of: name, in: directory, files)
            return SegmentInspector(bytes, role).parts().tiling(bytes.count)
        case .run:
            return try runParts(of: file, name: name).tiling(size)
        case .blob:
            return try BlobInspector(name, in: directory, files).parts(of: file).tiling(size)
        case .lock:
            return [FilePart(0..<size, "lock: held by the process that has the database open")]
        case .reserve:
            return [FilePart(0..<size, "zeros", ["the reserve, given back when the disk is full"])]
        case .durations:
            let isWhole = DurationsFormat.decode(try file.bytes(0..<size)) != nil
            let what =
                "durations of the last life" + (isWhole ? "" : ", torn; nothing depends on them")
            return [FilePart(0..<size, what)]
        case .scrub:
            let isWhole = ScrubFormat.decode(try file.bytes(0..<size)) != nil
            let what = "how far the scrubber is" + (isWhole ? "" : ", torn; nothing depends on it")
            return [FilePart(0..<size, what)]
        case nil:
            throw EngineError(
                .foreignDirectory,
                file: path,
                "neither its name nor its first bytes are those of a file of a database"
            )
        }
    }

    private enum Kind {
        case manifest, segment, run, blob, lock, durations, scrub, reserve
    }

    private static func kind(of file: any File, name: String) throws(EngineError) -> Kind? {
        let magic = try file.bytes(0..<ManifestFormat.magic.count)
        if magic == ManifestFormat.magic { return .manifest }
        if magic == SegmentFormat.magic { return .segment }
        if magic == RunFormat.headMagic { return .run }
        if magic == BlobFormat.headMagic { return .blob }
        switch name {
        case ManifestFormat.fileName, ManifestFormat.newFileName: return .manifest
        case DatabaseDirectory.lockName: return .lock
        case DurationsFormat.fileName: return .durations
        case DiskSpace.reserveName: return .reserve
        case ScrubFormat.fileName: return .scrub
        default: break
        }
        if FileNumber(name: name, suffix: SegmentFormat.fileSuffix) != nil { return .segment }
        if FileNumber(name: name, suffix: BlobFormat.suffix) != nil { return .blob }
        return FileNumber(name: name, suffix: RunFormat.suffix).map { _ in .run }
    }

    private static func split(_ path: String) -> (directory: String, name: String) {
        let bytes = Array(path.utf8)
        guard let slash = bytes.lastIndex(of: UInt8(ascii: "/")) else { return (".", path) }
        return (
            slash == 0 ? "/" : String(decoding: bytes[..<slash], as: UTF8.self),
            String(decoding: bytes[(slash + 1)...], as: UTF8.self)
        )
    }

    private static func runParts(of file: any File, name: String) throws(EngineError) -> [FilePart]
    {
        var walk = try RunFileWalk(file, name: name)
        walk.walk(expecting: nil)
        return walk.parts.map { part in
            var lines = part.lines
            var isDamaged = !part.isSound
            for problem in walk.problems {
                guard let offset = problem.offset, part.range.contains(offset) else { continue }
                isDamaged = true
                lines.append("problem at \(offset): \(problem.reason)")
            }
            return FilePart(part.range, part.what, lines, isDamaged: isDamaged)
        }
    }
}

extension RunFilePart {
    /// In a few words.
    fileprivate var what: String {
        switch content {
        case .field(let part, let name, _): "\(part): \(name)"
        case .dataBlock(let block): "data block \(block.ordinal) of section \(block.section)"
        case .index(let section, let level, _):
            "block index of section \(section), " + (level == 0 ? "leaf" : "level \(level)")
        case .filter(let section, _): "filter of section \(section)"
        case .directory: "section directory"
        case .damaged: "damaged piece"
        case .unexplained: "unexplained"
        }
    }

    fileprivate var lines: [String] {
        switch content {
        case .field(_, _, let value): [value]
        case .dataBlock(let block):
            [
                description,
                "first key: \(EntryKey.words(of: block.firstKey))",
                "last key: \(EntryKey.words(of: block.lastKey))",
            ]
        default: [description]
        }
    }
}
