/// What reads and writes cost, after the developer guide, "Read and write operations".
///
/// Sizes are those of `Item.sizeBytes`, not of stored bytes. Pure arithmetic: no clock, no state.
public enum CapacityRules {
    /// What one read unit reads: 4 KB.
    public static let readStepBytes = 4 * 1024
    /// What one write unit writes: 1 KB.
    public static let writeStepBytes = 1024

    /// How a read sees recent writes, and so what it costs.
    public enum Consistency: Sendable, Hashable {
        /// May miss the latest writes; half a unit a step.
        case eventual
        /// Sees every write that was acknowledged before; one unit a step.
        case strong
        /// Part of a transaction; two units a step.
        case transactional

        var halvesPerStep: Int {
            switch self {
            case .eventual: 1
            case .strong: 2
            case .transactional: 4
            }
        }
    }

    /// Whether a write stands alone or is part of a transaction.
    public enum WriteMode: Sendable, Hashable {
        /// One unit a step.
        case standard
        /// Two units a step.
        case transactional

        var unitsPerStep: Int { self == .standard ? 1 : 2 }
    }

    /// What it costs to read one item, or to find that there is none (`bytes` 0): at least one
    /// step.
    public static func read(itemBytes bytes: Int, _ consistency: Consistency) -> CapacityUnits {
        CapacityUnits(halves: steps(bytes, readStepBytes) * consistency.halvesPerStep)
    }

    /// What one page of a query or scan costs.
    ///
    /// The sizes of all items read are added first and rounded once; items that a filter dropped
    /// count, and an empty page costs one step.
    public static func readPage(
        totalBytes bytes: Int,
        _ consistency: Consistency
    ) -> CapacityUnits {
        read(itemBytes: bytes, consistency)
    }

    /// What it costs to write one item: by the larger of its old and new size, at least one step.
    ///
    /// A put of a new item has no old size, a delete no new one; a write that fails its condition
    /// costs as much, by the item that is there.
    public static func write(
        oldBytes: Int?,
        newBytes: Int?,
        _ mode: WriteMode = .standard
    ) -> CapacityUnits {
        let bytes = max(oldBytes ?? 0, newBytes ?? 0)
        return CapacityUnits(steps(bytes, writeStepBytes) * mode.unitsPerStep)
    }

    /// What happens to the entry of one item in one secondary index.
    public enum IndexChange: Sendable, Hashable {
        /// The item is and was not in the index, or nothing projected changed.
        case none
        /// The item enters the index.
        case inserted(newBytes: Int)
        /// The item leaves the index.
        case deleted(oldBytes: Int)
        /// Projected attributes changed, the index key did not.
        case updated(oldBytes: Int, newBytes: Int)
        /// The index key changed: a delete and a put.
        case moved(oldBytes: Int, newBytes: Int)
    }

    /// What the change of an index entry costs.
    public static func indexWrite(
        _ change: IndexChange,
        _ mode: WriteMode = .standard
    ) -> CapacityUnits {
        switch change {
        case .none: .zero
        case .inserted(let bytes): write(oldBytes: nil, newBytes: bytes, mode)
        case .deleted(let bytes): write(oldBytes: bytes, newBytes: nil, mode)
        case .updated(let old, let new): write(oldBytes: old, newBytes: new, mode)
        case .moved(let old, let new):
            write(oldBytes: old, newBytes: nil, mode) + write(oldBytes: nil, newBytes: new, mode)
        }
    }

    private static func steps(_ bytes: Int, _ step: Int) -> Int {
        precondition(bytes >= 0, "a size is not negative")
        return max(1, (bytes + step - 1) / step)
    }
}
