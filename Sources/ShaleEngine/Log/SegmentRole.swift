internal import ShalePlatform

/// What the manifest beside a segment's file says of it.
enum SegmentRole: Equatable, Sendable {
    /// There is no manifest, or it cannot be read: the file speaks for itself.
    case unknown
    /// A piece of the log, started or prepared.
    case segment(SegmentRecord)
    /// Kept for reuse: what it holds is of its last life.
    case spare
    /// The manifest does not name it.
    case orphan

    /// Looks into the manifest of `directory`, as far as it can be read.
    init(of name: String, in directory: String, _ files: any FileSystem) {
        self = .unknown
        guard let number = FileNumber(name: name, suffix: SegmentFormat.fileSuffix) else { return }
        do {
            let file = try files.open(directory + "/" + ManifestFormat.fileName, .read)
            defer { file.close() }
            let bytes = try file.read(at: 0, count: try file.sizeBytes())
            let state = try ManifestReader(salvaging: bytes).state
            if let record = state.segments.values.first(where: { $0.file == number }) {
                self = .segment(record)
            } else {
                self = state.spares[number] == nil ? .orphan : .spare
            }
        } catch {
            // A segment is explained without its manifest as well.
            self = .unknown
        }
    }

    /// For the part of the header page.
    var words: [String] {
        switch self {
        case .unknown: []
        case .segment(let record):
            ["the manifest calls it log segment \(record.number.rawValue), \(record.identity)"]
        case .spare: ["the manifest calls it a spare: all that it holds is of its last life"]
        case .orphan: ["the manifest does not name it: it is removed at the next opening"]
        }
    }
}
