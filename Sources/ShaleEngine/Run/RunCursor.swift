internal import ShaleBytes

/// A cursor over one section of a run file.
///
/// Bounds are compared once a block, not once an entry: entries of a block are visited from `index` to
/// the last one that is inside the range, which the block's own binary search finds. No step from an
/// entry to the next allocates.
final class RunCursor: EntryCursor {
    private let section: OpenedSection
    private let range: EntryRange
    private let direction: ScanDirection
    private let mode: ReadMode
    private var path: IndexPath
    private var ahead = ReadAhead()

    private var block: CachedBlock?
    private var data = DataBlock(words: (0, 0))
    /// Entries of the block that are still to be visited, the current one included.
    private var remaining = 0..<0
    /// Whether entries of the range can lie in blocks further on.
    private var goesOn = false
    private var entry = DataBlock.Entry(suffix: 0..<0, value: 0..<0, kind: .value)
    /// The key here, where the keys of the block share a prefix; `prefix` bytes of it are in already.
    private var buffer = KeyBuffer()
    private var prefix = 0

    var isAtEnd: Bool { block == nil }
    var isTombstone: Bool { entry.isTombstone }
    var blobs: RunBlobs? { entry.kind == .blob ? section.blobs : nil }

    var lentKey: LentBytes {
        guard let block else { preconditionFailure("there is an entry here") }
        return prefix == 0 ? block.bytes[entry.suffix] : buffer.lent
    }

    var lentValue: LentBytes {
        guard let block else { preconditionFailure("there is an entry here") }
        return block.bytes[entry.value]
    }

    /// A cursor at the first entry of `range` in this direction.
    init(
        _ section: OpenedSection,
        _ range: EntryRange,
        _ direction: ScanDirection,
        _ mode: ReadMode
    ) throws(EngineError) {
        self.section = section
        self.range = range
        self.direction = direction
        self.mode = mode
        path = IndexPath(section, mode)
        switch direction {
        case .ascending: try goForward(from: range.lower)
        case .descending: try goBackward(from: range.upper)
        }
    }

    func advance() throws(EngineError) {
        precondition(block != nil, "there is an entry here")
        switch direction {
        case .ascending: remaining = (remaining.lowerBound + 1)..<remaining.upperBound
        case .descending: remaining = remaining.lowerBound..<(remaining.upperBound - 1)
        }
        try settle()
    }

    func seek(_ key: [UInt8]) throws(EngineError) {
        switch direction {
        case .ascending:
            try goForward(from: KeyOrder.isAscending(key, range.lower) ? range.lower : key)
        case .descending:
            // The least key behind `key`: what is at most `key` is before it.
            let bound = key + [0]
            guard let upper = range.upper, KeyOrder.isAscending(upper, bound) else {
                return try goBackward(from: bound)
            }
            try goBackward(from: upper)
        }
    }

    /// To the first entry that is at least `lower` and inside the range.
    private func goForward(from lower: [UInt8]) throws(EngineError) {
        block = nil
        // Safety: every bit pattern of a byte is a byte.
        let bound = unsafe lower.span.bytes
        try path.seek(notBefore: bound)
        guard !path.isOutside else { return }
        let loaded = try loadBlock()
        let body = loaded.bytes
        let first = loaded.data.lowerBound(bound, in: body.span)
        remaining = min(first, remaining.upperBound)..<remaining.upperBound
        try settle()
    }

    /// To the last entry that is less than `upper` (nil: the last of all) and inside the range.
    private func goBackward(from upper: [UInt8]?) throws(EngineError) {
        block = nil
        guard let upper else {
            try path.seekLast()
            _ = try loadBlock()
            return try settle()
        }
        // Safety: every bit pattern of a byte is a byte.
        let bound = unsafe upper.span.bytes
        try path.seek(notBefore: bound)
        if path.isOutside { try path.seekLast() }
        let loaded = try loadBlock()
        let body = loaded.bytes
        let end = loaded.data.lowerBound(bound, in: body.span)
        remaining = remaining.lowerBound..<max(remaining.lowerBound, end)
        try settle()
    }

    /// Reads the block at the path, and finds which of its entries lie inside the range on the side
    /// where the cursor leaves it.
    @discardableResult
    private func loadBlock() throws(EngineError) -> CachedBlock {
        let loaded: CachedBlock
        if mode == .sequential, direction == .ascending {
            loaded = try section.file.block(
                path.block,
                through: &ahead,
                before: section.fileRange.upperBound
            )
        } else {
            loaded = try section.file.block(path.block, .data, mode)
        }
        block = loaded
        data = loaded.data
        let shared = loaded.bytes[data.prefixRange]
        prefix = shared.count
        buffer.replace(from: 0, with: shared)
        remaining = 0..<data.count
        goesOn = true
        let bytes = loaded.bytes
        let body = bytes.span
        switch direction {
        case .ascending:
            guard let upper = range.upper else { break }
            // Safety: as above.
            let bound = unsafe upper.span.bytes
            guard !path.isBlockBefore(bound) else { break }
            remaining = 0..<loaded.data.lowerBound(bound, in: body)
            goesOn = false
        case .descending:
            let lower = range.lower
            // Safety: as above.
            let bound = unsafe lower.span.bytes
            guard !path.isBlockBehind(bound) else { break }
            let first = loaded.data.lowerBound(bound, in: body)
            remaining = first..<loaded.data.count
            goesOn = first == 0
        }
        return loaded
    }

    /// Makes the current entry available, going to the next block where this one has no more.
    private func settle() throws(EngineError) {
        while remaining.isEmpty {
            block = nil
            guard goesOn else { return }
            switch direction {
            case .ascending: try path.moveForward()
            case .descending: try path.moveBackward()
            }
            guard !path.isOutside else { return }
            try loadBlock()
        }
        guard let block else { return }
        let index =
            direction == .ascending ? remaining.lowerBound : remaining.upperBound - 1
        let bytes = block.bytes
        entry = data.entry(index, in: bytes.span)
        if prefix > 0 { buffer.replace(from: prefix, with: bytes[entry.suffix]) }
    }
}
