/// A cache of so many keys, all of one size: what others do, to compare with.
package protocol CachePolicy {
    /// Uses a key.
    /// - Returns: Whether it was there.
    mutating func use(_ key: UInt64) -> Bool
}

/// Keys in the order of their latest use, the newest first.
struct RecencyList {
    private struct Node {
        var key: UInt64
        var newer = -1
        var older = -1
    }

    private var nodes: [Node] = []
    private var free: [Int] = []
    private var places: [UInt64: Int] = [:]
    private var newest = -1
    private var oldest = -1

    var count: Int { places.count }
    var oldestKey: UInt64? { oldest >= 0 ? nodes[oldest].key : nil }

    func contains(_ key: UInt64) -> Bool { places[key] != nil }

    mutating func insert(_ key: UInt64) {
        let index = free.popLast() ?? nodes.count
        if index == nodes.count { nodes.append(Node(key: key)) }
        nodes[index] = Node(key: key, older: newest)
        if newest >= 0 { nodes[newest].newer = index } else { oldest = index }
        newest = index
        places[key] = index
    }

    mutating func remove(_ key: UInt64) {
        guard let index = places.removeValue(forKey: key) else { return }
        let node = nodes[index]
        if node.newer >= 0 { nodes[node.newer].older = node.older } else { newest = node.older }
        if node.older >= 0 { nodes[node.older].newer = node.newer } else { oldest = node.newer }
        free.append(index)
    }

    mutating func touch(_ key: UInt64) {
        remove(key)
        insert(key)
    }

    mutating func popOldest() -> UInt64? {
        guard let key = oldestKey else { return nil }
        remove(key)
        return key
    }
}

/// What was not used for longest goes.
package struct LeastRecentlyUsed: CachePolicy {
    private let capacity: Int
    private var list = RecencyList()

    package init(capacity: Int) { self.capacity = capacity }

    package mutating func use(_ key: UInt64) -> Bool {
        if list.contains(key) {
            list.touch(key)
            return true
        }
        if list.count >= capacity { _ = list.popOldest() }
        list.insert(key)
        return false
    }
}
