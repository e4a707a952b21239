internal import ShaleBytes

/// Visits the entries of a sorted run between bounds, in either direction: its pieces one after the other.
///
/// A piece is opened only when the scan gets there. The run must live as long as the scan.
struct RunScan: ~Copyable, EntrySource {
    private let run: Unretained<Run>
    private let bounds: ScanBounds
    private let mode: ReadMode
    /// Whether reading may cost more than asking a filter first, even for what is in memory.
    private let asksFilter: Bool
    /// Pieces that are still to be visited.
    private var pieces: Range<Int>
    private var section: SectionScan?

    /// At the first entry between `bounds` in their direction.
    ///
    /// Of the oldest run, which has most keys, the filter is asked only before the disk is read.
    init(
        _ run: Unretained<Run>,
        _ bounds: ScanBounds,
        isOldest: Bool,
        _ mode: ReadMode
    ) throws(EngineError) {
        self.run = run
        self.mode = mode
        asksFilter = !isOldest
        let part = run.with { run in run.part(of: bounds) }
        self.bounds = part?.bounds ?? bounds
        pieces = part?.pieces ?? 0..<0
        try settle()
    }

    private(set) var isAtEnd = false
    private(set) var key = LentBytes()
    private(set) var value = LentBytes()
    private(set) var kind = EntryKind.value

    var blobs: RunBlobs? { run.with { $0.blobs } }

    mutating func advance() throws(EngineError) {
        try section?.advance()
        if !load() { try settle() }
    }

    /// Makes the section's entry this one's; false if it has none.
    @inline(__always)
    private mutating func load() -> Bool {
        switch section {
        case .some(let section):
            guard !section.isAtEnd else { return false }
            key = section.key
            value = section.value
            kind = section.kind
            return true
        case .none: return false
        }
    }

    /// Goes on to the next piece with an entry, where the current one has no more.
    private mutating func settle() throws(EngineError) {
        while !pieces.isEmpty {
            let index: Int
            switch bounds.direction {
            case .ascending: index = pieces.removeFirst()
            case .descending: index = pieces.removeLast()
            }
            section = try open(index)
            if load() { return }
        }
        section = nil
        isAtEnd = true
    }

    /// A piece; nil where its filter has not the partition key that is sought.
    private func open(_ index: Int) throws(EngineError) -> SectionScan? {
        let (file, ordinal) = try run.with { run throws(EngineError) in try run.piece(index, mode) }
        guard bounds.isWithinOneHash else {
            return try SectionScan(file, ordinal, bounds, mode)
        }
        if !asksFilter {
            do throws(EngineError) {
                return try SectionScan(file, ordinal, bounds, .memoryOnly, then: mode)
            } catch {
                guard error.code == .wouldBlock else { throw error }
            }
        }
        let mayContain = try file.with { file throws(EngineError) in
            try OpenedSection(file, ordinal).mayContainPartition(of: bounds, mode)
        }
        return mayContain ? try SectionScan(file, ordinal, bounds, mode) : nil
    }
}
