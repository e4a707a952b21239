/// Entries in key order: leaves of at most 128 entries under one list of leaves.
///
/// A search is binary over the leaves' first entries and then within one leaf, by hashes; whole keys
/// are compared only among entries of one partition key.
///
/// Invariants: entries ascend strictly, within leaves and across them; no leaf is empty.
struct MemtableTree: Sendable {
    private static let leafLimit = 128
    private var leaves: [[MemtableEntry]] = []
    private(set) var count = 0

    /// Adds a version of `key`.
    /// - Returns: by how many bytes the tree's memory has grown.
    mutating func add(_ key: [UInt8], _ version: MemtableVersion, horizon: () -> LogPosition) -> Int
    {
        let hash = EntryKey.hash(of: key)
        guard !leaves.isEmpty else {
            leaves.append([MemtableEntry(key, hash: hash, version)])
            count = 1
            return Self.cost(key, version)
        }
        let leaf = leafIndex(hash, key)
        let index = lowerBound(leaf, hash, key)
        if index < leaves[leaf].count, leaves[leaf][index].key == key {
            return leaves[leaf][index].add(version, horizon: horizon)
        }
        leaves[leaf].insert(MemtableEntry(key, hash: hash, version), at: index)
        count += 1
        if leaves[leaf].count > Self.leafLimit { split(leaf) }
        return Self.cost(key, version)
    }

    /// The entry of `key`.
    func entry(_ key: [UInt8]) -> MemtableEntry? {
        guard !leaves.isEmpty else { return nil }
        let hash = EntryKey.hash(of: key)
        let leaf = leafIndex(hash, key)
        let index = lowerBound(leaf, hash, key)
        guard index < leaves[leaf].count, leaves[leaf][index].key == key else { return nil }
        return leaves[leaf][index]
    }

    /// Visits entries from the first that is not less than `key` on, until `visit` answers false.
    func ascend(from key: [UInt8], _ visit: (MemtableEntry) -> Bool) {
        guard !leaves.isEmpty else { return }
        let hash = EntryKey.hash(of: key)
        var leaf = leafIndex(hash, key)
        var index = lowerBound(leaf, hash, key)
        while leaf < leaves.count {
            while index < leaves[leaf].count {
                guard visit(leaves[leaf][index]) else { return }
                index += 1
            }
            leaf += 1
            index = 0
        }
    }

    /// Visits entries less than `key` (nil: all), greatest first, until `visit` answers false.
    func descend(below key: [UInt8]?, _ visit: (MemtableEntry) -> Bool) {
        guard !leaves.isEmpty else { return }
        var leaf = leaves.count - 1
        var index = leaves[leaf].count
        if let key {
            let hash = EntryKey.hash(of: key)
            leaf = leafIndex(hash, key)
            index = lowerBound(leaf, hash, key)
        }
        while true {
            while index > 0 {
                index -= 1
                guard visit(leaves[leaf][index]) else { return }
            }
            guard leaf > 0 else { return }
            leaf -= 1
            index = leaves[leaf].count
        }
    }

    /// What an entry takes beyond its bytes: headers of two arrays, the slot in a leaf.
    private static let overheadBytes = 160

    private static func cost(_ key: [UInt8], _ version: MemtableVersion) -> Int {
        key.count + (version.value?.count ?? 0) + overheadBytes
    }

    /// The last leaf whose first entry is not greater than the key; the first leaf if there is none.
    private func leafIndex(_ hash: UInt64, _ key: [UInt8]) -> Int {
        var low = 0
        var high = leaves.count
        while low < high {
            let middle = (low + high) / 2
            if Self.precedes(hash, key, leaves[middle][0]) {
                high = middle
            } else {
                low = middle + 1
            }
        }
        return max(0, low - 1)
    }

    /// The first entry of the leaf that is not less than the key.
    private func lowerBound(_ leaf: Int, _ hash: UInt64, _ key: [UInt8]) -> Int {
        var low = 0
        var high = leaves[leaf].count
        while low < high {
            let middle = (low + high) / 2
            if Self.follows(leaves[leaf][middle], hash, key) {
                low = middle + 1
            } else {
                high = middle
            }
        }
        return low
    }

    /// Whether the key is less than the entry.
    private static func precedes(_ hash: UInt64, _ key: [UInt8], _ entry: MemtableEntry) -> Bool {
        if hash != entry.hash { return hash < entry.hash }
        return KeyOrder.isAscending(key, entry.key)
    }

    /// Whether the key is greater than the entry.
    private static func follows(_ entry: MemtableEntry, _ hash: UInt64, _ key: [UInt8]) -> Bool {
        if hash != entry.hash { return entry.hash < hash }
        return KeyOrder.isAscending(entry.key, key)
    }

    private mutating func split(_ leaf: Int) {
        let middle = leaves[leaf].count / 2
        let right = Array(leaves[leaf][middle...])
        leaves[leaf].removeSubrange(middle...)
        leaves.insert(right, at: leaf + 1)
    }
}
