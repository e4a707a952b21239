/// The bytes of one file on the simulated disk: what is durable, and the writes since.
///
/// A crash decides for each 512-byte sector by itself how many of the writes that touched it arrived,
/// in their order; and likewise, apart from that, how many of the changes of the size did. A sector is
/// never torn inside.

/// The durable bytes and the unsynced writes of a file.
///
/// A value: the disk guards it.
struct DiskFile {
    /// One unsynced change.
    enum Change {
        case bytes([UInt8], at: Int)
        case zeros(Range<Int>)
        case size(Int)
    }

    /// What a crash leaves of the unsynced changes.
    enum Survival {
        case none, all
        /// The first so many.
        case first(Int)
        /// Each sector by itself.
        case torn
    }

    static let sectorBytes = 512

    /// What processes see.
    private(set) var bytes: [UInt8] = []
    private var durable: [UInt8] = []
    private var unsynced: [Change] = []
    /// Sectors that cannot be read before they are written again.
    private var badSectors: Set<Int> = []

    init() {}

    /// A file that was synced long ago.
    init(durable bytes: [UInt8]) {
        self.bytes = bytes
        durable = bytes
    }

    var unsyncedCount: Int { unsynced.count }
    var durableBytes: [UInt8] { durable }

    mutating func make(_ change: Change) {
        Self.apply(change, to: &bytes)
        unsynced.append(change)
        guard !badSectors.isEmpty else { return }
        badSectors.subtract(Self.sectors(of: change))
    }

    /// A change that readers see, and no disk.
    mutating func pretend(_ change: Change) { Self.apply(change, to: &bytes) }

    /// Makes the sector with this offset unreadable.
    mutating func spoil(at offset: Int) { badSectors.insert(offset / Self.sectorBytes) }

    /// Whether all of a range can be read.
    func isReadable(_ range: Range<Int>) -> Bool {
        guard !badSectors.isEmpty, !range.isEmpty else { return true }
        let sectors =
            (range.lowerBound / Self.sectorBytes)...((range.upperBound - 1) / Self.sectorBytes)
        return !badSectors.contains { sectors.contains($0) }
    }

    /// Makes everything durable.
    mutating func sync() {
        for change in unsynced { Self.apply(change, to: &durable) }
        unsynced = []
    }

    /// Forgets that anything was unsynced: no later sync will write it.
    mutating func forgetUnsynced() { unsynced = [] }

    /// Flips bits of what is there, durably.
    mutating func damage(at offset: Int, flipping mask: UInt8) {
        precondition(bytes.indices.contains(offset), "the damage lies in the file")
        bytes[offset] ^= mask
        if durable.indices.contains(offset) { durable[offset] ^= mask }
    }

    /// Loses power: what survives is durable, and is all there is.
    mutating func crash(_ survival: Survival, _ generator: inout SimulatedGenerator) {
        switch survival {
        case .none: break
        case .all: sync()
        case .first(let count):
            for change in unsynced[..<count] { Self.apply(change, to: &durable) }
        case .torn: tear(&generator)
        }
        unsynced = []
        bytes = durable
    }

    private static func apply(_ change: Change, to target: inout [UInt8]) {
        switch change {
        case .bytes(let bytes, let offset):
            grow(&target, to: offset + bytes.count)
            target.replaceSubrange(offset..<(offset + bytes.count), with: bytes)
        case .zeros(let range):
            grow(&target, to: range.upperBound)
            target.replaceSubrange(range, with: [UInt8](repeating: 0, count: range.count))
        case .size(let size):
            grow(&target, to: size)
            target.removeLast(target.count - size)
        }
    }

    private static func grow(_ target: inout [UInt8], to size: Int) {
        guard target.count < size else { return }
        target.append(contentsOf: [UInt8](repeating: 0, count: size - target.count))
    }

    // MARK: Tearing

    private mutating func tear(_ generator: inout SimulatedGenerator) {
        let (contents, sizes) = contentsAndSizes()
        let size = sizes[generator.below(sizes.count)]
        Self.grow(&durable, to: sizes.max() ?? 0)
        var touches: [Int: [Int]] = [:]
        for (index, content) in contents.enumerated() {
            for sector in Self.sectors(of: content) { touches[sector, default: []].append(index) }
        }
        for sector in touches.keys.sorted() {
            let indexes = touches[sector, default: []]
            for index in indexes[..<generator.below(indexes.count + 1)] {
                Self.apply(contents[index], toSector: sector, of: &durable)
            }
        }
        durable.removeLast(durable.count - size)
    }

    /// The unsynced changes as changes of bytes alone, and the sizes before and after each.
    private func contentsAndSizes() -> (contents: [Change], sizes: [Int]) {
        var sizes = [durable.count]
        var contents: [Change] = []
        for change in unsynced {
            let before = sizes[sizes.count - 1]
            switch change {
            case .bytes(let bytes, let offset):
                sizes.append(max(before, offset + bytes.count))
                contents.append(change)
            case .zeros(let range):
                sizes.append(max(before, range.upperBound))
                contents.append(change)
            case .size(let size):
                sizes.append(size)
                // What is cut off reads as zeros if the file grows again.
                if size < before { contents.append(.zeros(size..<before)) }
            }
        }
        return (contents, sizes)
    }

    private static func range(of content: Change) -> Range<Int> {
        switch content {
        case .bytes(let bytes, let offset): offset..<(offset + bytes.count)
        case .zeros(let range): range
        case .size: 0..<0
        }
    }

    private static func sectors(of content: Change) -> Range<Int> {
        let range = range(of: content)
        guard !range.isEmpty else { return 0..<0 }
        return (range.lowerBound / sectorBytes)..<((range.upperBound - 1) / sectorBytes + 1)
    }

    private static func apply(_ content: Change, toSector sector: Int, of target: inout [UInt8]) {
        let start = sector * sectorBytes
        let part = range(of: content).clamped(to: start..<(start + sectorBytes))
        switch content {
        case .bytes(let bytes, let offset):
            let source = (part.lowerBound - offset)..<(part.upperBound - offset)
            target.replaceSubrange(part, with: bytes[source])
        case .zeros: target.replaceSubrange(part, with: repeatElement(0, count: part.count))
        case .size: break
        }
    }
}
