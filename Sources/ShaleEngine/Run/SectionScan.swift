internal import ShaleBytes

/// Visits the entries of one section of a run file between bounds, in either direction.
///
/// Bounds are compared once a block, not once an entry: what of a block lies inside them its own search
/// finds. No step from an entry to the next allocates, counts a reference, or can fail.
///
/// What is lent is valid until the next step. The section's file must live as long as the scan, and its
/// caller holds a slot of the cache.
struct SectionScan: ~Copyable, EntrySource {
    private static let smallestAheadBytes = 32 * 1024
    private static let largestAheadBytes = 512 * 1024

    private let file: Unretained<OpenedRunFile>
    private let ordinal: Int
    private let bounds: ScanBounds
    private var mode: ReadMode
    private var path: IndexPath

    /// Keeps a block that is not in the cache.
    private var block: CachedBlock?
    private var body = LentBytes()
    private var data = DataBlock(words: (0, 0))
    /// Entries of the block that are still to be visited, the current one included.
    private var first = 0
    private var end = 0
    /// Up to where the file is read ahead, and how much the next time.
    private var aheadEnd = 0
    private var aheadBytes = SectionScan.smallestAheadBytes
    /// Whether entries inside the bounds can lie in blocks further on.
    private var goesOn = false
    /// The key here, where the keys of the block share a prefix; `prefix` bytes of it are in already.
    private var buffer = KeyBuffer(capacity: 0)
    private var prefix = 0

    private(set) var isAtEnd = false
    private(set) var key = LentBytes()
    private(set) var value = LentBytes()
    private(set) var kind = EntryKind.value

    /// At the first entry between `bounds` in their direction.
    ///
    /// `mode` counts for the way there, `then` for the way on; nil is the same.
    init(
        _ file: Unretained<OpenedRunFile>,
        _ ordinal: Int,
        _ bounds: ScanBounds,
        _ mode: ReadMode,
        then: ReadMode? = nil
    ) throws(EngineError) {
        self.file = file
        self.ordinal = ordinal
        self.bounds = bounds
        self.mode = mode
        path = IndexPath(mode)
        switch bounds.direction {
        case .ascending: try goToFirst()
        case .descending: try goToLast()
        }
        try settle()
        guard let then else { return }
        self.mode = then
        path.mode = then
    }

    mutating func advance() throws(EngineError) {
        precondition(!isAtEnd, "there is an entry here")
        switch bounds.direction {
        case .ascending: first += 1
        case .descending: end -= 1
        }
        guard first < end else { return try settle() }
        load()
    }

    /// To the first entry that is at least the lower bound.
    private mutating func goToFirst() throws(EngineError) {
        let bounds = bounds
        try movePath { path, section throws(EngineError) in
            try path.seek(notBefore: bounds.lower, in: section)
        }
        guard !path.isOutside else { return }
        try loadBlock()
        first = data.firstEntry(notBefore: bounds.lower, in: body)
    }

    /// To the last entry that is less than the upper bound (nil: the last of all).
    private mutating func goToLast() throws(EngineError) {
        let bounds = bounds
        try movePath { path, section throws(EngineError) in
            if let upper = bounds.upper { try path.seek(notBefore: upper, in: section) }
            if path.isOutside { try path.seekLast(in: section) }
        }
        try loadBlock()
        if let upper = bounds.upper { end = data.firstEntry(notBefore: upper, in: body) }
    }

    @inline(__always)
    private mutating func movePath(
        _ move: (inout IndexPath, borrowing OpenedSection) throws(EngineError) -> Void
    ) throws(EngineError) {
        var path = path
        try file.with { file throws(EngineError) in
            try move(&path, OpenedSection(file, ordinal))
        }
        self.path = path
    }

    /// Reads the block at the path, and finds which of its entries lie inside the bounds on the side
    /// where the scan leaves it.
    private mutating func loadBlock() throws(EngineError) {
        let pointer = path.block
        let loaded = try file.with { file throws(EngineError) in
            try file.block(pointer, .data, mode)
        }
        block = loaded
        body = loaded.bytes
        data = loaded.data
        prefix = data.prefixLength
        if prefix > 0 { buffer.replace(from: 0, with: body[data.prefixRange]) }
        first = 0
        end = data.count
        goesOn = true
        switch bounds.direction {
        case .ascending:
            guard let upper = bounds.upper, !path.isBlockBefore(upper) else { break }
            end = data.lowerBound(upper.span, in: body.span)
            goesOn = false
        case .descending:
            guard !path.isBlockBehind(bounds.lower) else { break }
            first = data.lowerBound(bounds.lower.span, in: body.span)
            goesOn = first == 0
        }
    }

    /// Makes the current entry available, going to the next block where this one has no more.
    private mutating func settle() throws(EngineError) {
        while first >= end {
            guard goesOn else { return isAtEnd = true }
            let isAscending = bounds.direction == .ascending
            try movePath { path, section throws(EngineError) in
                if isAscending {
                    try path.moveForward(in: section)
                } else {
                    try path.moveBackward(in: section)
                }
            }
            guard !path.isOutside else {
                goesOn = false
                continue
            }
            if isAscending, mode == .blocking { readAhead() }
            try loadBlock()
        }
        load()
    }

    /// Run files are opened for reads here and there, so a scan that goes on says itself what it will need:
    /// a little at first, twice as much each time.
    private mutating func readAhead() {
        let pointer = path.block
        let offset = Int(truncatingIfNeeded: pointer.offset)
        guard offset >= aheadEnd else { return }
        let isInMemory = file.with { $0.isInMemory(pointer) }
        guard !isInMemory else { return }
        let count = aheadBytes
        file.with { $0.beginReading(pointer, count: count) }
        aheadEnd = offset + count
        aheadBytes = min(2 * count, Self.largestAheadBytes)
    }

    @inline(__always)
    private mutating func load() {
        let entry = data.entry(
            bounds.direction == .ascending ? first : end - 1,
            in: body.span
        )
        value = body[entry.value]
        kind = entry.kind
        guard prefix > 0 else { return key = body[entry.suffix] }
        buffer.replace(from: prefix, with: body[entry.suffix])
        key = buffer.lent
    }
}

extension DataBlock {
    /// The index of the first entry whose key is at least `key`; `count` if there is none.
    ///
    /// A scan often begins at a key that is there: then its tag finds it without a search.
    fileprivate func firstEntry(notBefore key: LentBytes, in body: LentBytes) -> Int {
        if let index = index(
            of: key.span,
            keyHash: RunFormat.keyHash(key),
            in: body.span
        ) {
            return index
        }
        return lowerBound(key.span, in: body.span)
    }
}
