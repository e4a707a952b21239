internal import ShaleBytes
public import ShalePlatform

extension Verification {
    /// The directories of all checkpoints that a database keeps, relative to its own.
    public static func checkpoints(
        in directory: String,
        _ world: World
    ) throws(EngineError) -> [String] {
        var paths: [String] = []
        do throws(FileError) {
            for parent in ["backups", LogArchive.directoryName]
            where try world.files.kind(of: directory + "/" + parent) == .directory {
                for name in try world.files.list(directory + "/" + parent) {
                    let path = directory + "/" + parent + "/" + name
                    // What an interruption has left has no manifest, and goes at the next opening.
                    guard try world.files.kind(of: path) == .directory,
                        try world.files.kind(of: path + "/" + ManifestFormat.fileName) != nil
                    else { continue }
                    paths.append(parent + "/" + name)
                }
            }
        } catch {
            throw EngineError(error)
        }
        return paths
    }

    /// What is wrong with the archived log: every record's checksum, and that no segment is missing between two.
    public static func archiveProblems(
        in directory: String,
        _ world: World
    ) throws(EngineError) -> [EngineError] {
        let archive = LogArchive(readingIn: directory, world.files)
        let segments: [LogArchive.Segment]
        do throws(EngineError) {
            segments = try archive.segments()
        } catch {
            guard error.code == .corrupted else { throw error }
            return [error]
        }
        var problems: [EngineError] = []
        for (index, segment) in segments.enumerated() {
            let next = index + 1 < segments.count ? segments[index + 1] : nil
            let (end, problem) = try check(segment, before: next?.header, archive, world)
            if let problem { problems.append(problem) }
            guard let next, problem == nil else { continue }
            guard next.header.previous == segment.header.number,
                next.header.previousChecksum == end
            else {
                problems.append(
                    EngineError(
                        .corrupted,
                        file: LogArchive.directoryName + "/" + next.name,
                        offset: 0,
                        "this segment does not follow the one before it in the archive"
                    )
                )
                continue
            }
        }
        return problems
    }

    /// Reads a segment to its end.
    /// - Returns: the checksum of its last record.
    private static func check(
        _ segment: LogArchive.Segment,
        before next: SegmentHeader?,
        _ archive: LogArchive,
        _ world: World
    ) throws(EngineError) -> (UInt32, EngineError?) {
        let body: [UInt8]
        do throws(FileError) {
            let file = try world.files.open(archive.directory + "/" + segment.name, .read)
            defer { file.close() }
            body = try file.read(at: SegmentFormat.headerSize, count: segment.sizeBytes)
        } catch {
            throw EngineError(error)
        }
        let limit = min(next?.previousLengthBytes ?? body.count, body.count)
        var reader = SegmentReader(segment.header, limit: limit)
        body.withLentBytes { bytes in
            let window = BodyWindow(start: 0, bytes: bytes)
            while case .record = reader.next(in: window) {}
        }
        // Where the last one ends, only the living log knows.
        guard next != nil, case .broken(let reason) = reader.stop else {
            return (reader.chain, nil)
        }
        let problem = EngineError(
            .corrupted,
            file: LogArchive.directoryName + "/" + segment.name,
            offset: reader.fileOffset,
            reason
        )
        return (reader.chain, problem)
    }
}
