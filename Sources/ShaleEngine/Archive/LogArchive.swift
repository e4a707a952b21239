internal import ShalePlatform
internal import Synchronization

/// Segments that the log has let go of: the past, for who wants to go back to it.
///
///     archive/             is there while the past is kept: nothing else says so
///     archive/NNNNNN.log   a segment (`SegmentFormat`), by the segment's number, without what is behind its records
///     archive/NNNNNN.new   one that is being copied, where the file system has no links
///
/// A segment gets its second name here, durably, before the manifest forgets it; so nothing is copied, and between any
/// two segments none is missing. Its file is never used again. Who keeps the past bounds it: `trim`.
final class LogArchive: Sendable {
    static let directoryName = "archive"
    private static let copySuffix = "new"

    let directory: String
    private let parent: String
    private let files: any FileSystem
    private let on: Atomic<Bool>

    /// Looks whether the past is kept, and removes what an interrupted copy has left.
    init(in parent: String, _ files: any FileSystem) throws(EngineError) {
        directory = parent + "/" + Self.directoryName
        self.parent = parent
        self.files = files
        do throws(FileError) {
            let isOn = try files.kind(of: directory) == .directory
            on = Atomic(isOn)
            guard isOn else { return }
            for name in try files.list(directory)
            where FileNumber(name: name, suffix: Self.copySuffix) != nil {
                try files.remove(directory + "/" + name)
            }
        } catch {
            throw EngineError(error)
        }
    }

    /// Only looks.
    init(readingIn parent: String, _ files: any FileSystem) {
        directory = parent + "/" + Self.directoryName
        self.parent = parent
        self.files = files
        on = Atomic(false)
    }

    /// Whether segments are archived.
    var isOn: Bool { on.load(ordering: .acquiring) }

    /// From now on segments are archived; survives the loss of power.
    func begin() throws(EngineError) {
        try call { () throws(FileError) in
            try files.createDirectory(directory)
            try files.syncDirectory(parent)
        }
        on.store(true, ordering: .releasing)
    }

    /// Forgets the past; what others have put into the directory must be gone.
    ///
    /// An interruption leaves the archive on.
    func end() throws(EngineError) {
        try call { () throws(FileError) in
            guard try files.kind(of: directory) != nil else { return }
            for name in try files.list(directory) where Self.isOurs(name) {
                try files.remove(directory + "/" + name)
            }
            try files.remove(directory)
            try files.syncDirectory(parent)
        }
        on.store(false, ordering: .releasing)
    }

    private static func isOurs(_ name: String) -> Bool {
        FileNumber(name: name, suffix: SegmentFormat.fileSuffix) != nil
            || FileNumber(name: name, suffix: copySuffix) != nil
    }

    // MARK: Segments

    /// Adds a segment that has ended; durable after `syncNames`.
    ///
    /// One that an interruption has left here is the same: a segment that has ended does not change.
    func add(_ record: SegmentRecord) throws(EngineError) {
        let source = parent + "/" + record.file.fileName(SegmentFormat.fileSuffix)
        let target = path(of: record.number)
        try call { () throws(FileError) in
            do throws(FileError) {
                try files.link(source, to: target)
            } catch {
                switch error.code {
                case .alreadyExists: return
                case .notSupported: try copy(source, to: target, record.number)
                default: throw error
                }
            }
        }
    }

    private func copy(
        _ source: String,
        to target: String,
        _ number: SegmentNumber
    ) throws(FileError) {
        let new = directory + "/" + FileNumber(UInt64(number.rawValue)).fileName(Self.copySuffix)
        if try files.kind(of: new) != nil { try files.remove(new) }
        try files.copy(source, to: new)
        try files.rename(new, to: target)
    }

    /// What was added survives the loss of power.
    func syncNames() throws(EngineError) {
        try call { () throws(FileError) in try files.syncDirectory(directory) }
    }

    /// Gives back what a segment has behind its records, once it is nobody else's.
    func cut(_ number: SegmentNumber, toBodyOf lengthBytes: Int) throws(EngineError) {
        try call { () throws(FileError) in
            let file = try files.open(path(of: number), .readWrite)
            defer { file.close() }
            let wanted = SegmentFormat.headerSize + lengthBytes
            if try file.sizeBytes() > wanted { try file.truncate(to: wanted) }
        }
    }

    /// One segment.
    struct Segment: Sendable {
        var name: String
        var header: SegmentHeader
        var sizeBytes: Int
    }

    /// All segments, the oldest first.
    /// - Complexity: reads a page of each.
    func segments() throws(EngineError) -> [Segment] {
        var segments: [Segment] = []
        do throws(FileError) {
            guard try files.kind(of: directory) != nil else { return [] }
            for name in try files.list(directory)
            where FileNumber(name: name, suffix: SegmentFormat.fileSuffix) != nil {
                let file = try files.open(directory + "/" + name, .read)
                defer { file.close() }
                let page = try file.read(at: 0, count: SegmentFormat.headerSize)
                guard let header = SegmentHeader(page: page) else {
                    throw FileError(.inputOutput, "segments", name, "header")
                }
                let size = try file.sizeBytes()
                segments.append(Segment(name: name, header: header, sizeBytes: size))
            }
        } catch {
            guard error.operation == "segments" else { throw EngineError(error) }
            throw EngineError(
                .corrupted,
                file: Self.directoryName + "/" + error.path,
                offset: 0,
                "the header page of an archived log segment is not whole"
            )
        }
        return segments.sorted { $0.header.number < $1.header.number }
    }

    /// Removes the segments that hold nothing from `position` on.
    /// - Returns: bytes that are left.
    func trim(before position: LogPosition) throws(EngineError) -> Int {
        let segments = try segments()
        var left = 0
        for (index, segment) in segments.enumerated() {
            let isOver = index + 1 < segments.count && segments[index + 1].header.base <= position
            if isOver {
                try call { () throws(FileError) in
                    try files.remove(directory + "/" + segment.name)
                }
            } else {
                left += segment.sizeBytes
            }
        }
        return left
    }

    func path(of number: SegmentNumber) -> String {
        directory + "/" + FileNumber(UInt64(number.rawValue)).fileName(SegmentFormat.fileSuffix)
    }

    private func call<Answer>(
        _ body: () throws(FileError) -> Answer
    ) throws(EngineError) -> Answer {
        do throws(FileError) {
            return try body()
        } catch {
            throw EngineError(error)
        }
    }
}
