// Which rank a node is in, and where edges pass.
extension LayeredGraph {
    /// Gives each node a rank below all that lead to it, but for edges that close a loop.
    mutating func rankNodes() {
        isBack = backEdges()
        var leaving: [[Int]] = Array(repeating: [], count: sizes.count)
        var entering = Array(repeating: 0, count: sizes.count)
        for (number, edge) in edges.enumerated() where !isBack[number] {
            leaving[edge.from].append(number)
            entering[edge.to] += 1
        }
        slots = sizes.enumerated().map { Slot(rank: 0, size: $1, node: $0) }
        var ready = sizes.indices.filter { entering[$0] == 0 }
        while let node = ready.popLast() {
            for number in leaving[node] {
                let edge = edges[number]
                let length = edge.label == nil ? 1 : 2
                slots[edge.to].rank = max(slots[edge.to].rank, slots[node].rank + length)
                entering[edge.to] -= 1
                if entering[edge.to] == 0 { ready.append(edge.to) }
            }
        }
    }

    /// Finds the edges that lead to a node which is being left, depth first.
    private func backEdges() -> [Bool] {
        var isBack = Array(repeating: false, count: edges.count)
        var leaving: [[Int]] = Array(repeating: [], count: sizes.count)
        for (number, edge) in edges.enumerated() { leaving[edge.from].append(number) }
        var (isSeen, isOpen) = (
            Array(repeating: false, count: sizes.count), Array(repeating: false, count: sizes.count)
        )
        for root in sizes.indices where !isSeen[root] {
            var path: [(node: Int, next: Int)] = [(root, 0)]
            (isSeen[root], isOpen[root]) = (true, true)
            while let (node, next) = path.last {
                guard next < leaving[node].count else {
                    isOpen[node] = false
                    path.removeLast()
                    continue
                }
                path[path.count - 1].next += 1
                let number = leaving[node][next]
                let target = edges[number].to
                if isOpen[target] {
                    isBack[number] = true
                } else if !isSeen[target] {
                    (isSeen[target], isOpen[target]) = (true, true)
                    path.append((target, 0))
                }
            }
        }
        return isBack
    }

    /// Makes a slot for each rank that an edge passes, and links neighbours.
    mutating func addChains() {
        chains = Array(repeating: [], count: edges.count)
        labels = Array(repeating: nil, count: edges.count)
        for (number, edge) in edges.enumerated() {
            let (from, to) = (slots[edge.from].rank, slots[edge.to].rank)
            let passed = isBack[number] ? Array((to...from).reversed()) : Array(from + 1..<to)
            for (place, rank) in passed.enumerated() {
                let isLabel = edge.label != nil && place == (isBack[number] ? passed.count / 2 : 0)
                let size =
                    isLabel ? edge.label ?? Size(width: 2, height: 0) : Size(width: 2, height: 0)
                slots.append(Slot(rank: rank, size: size))
                chains[number].append(slots.count - 1)
                if isLabel { labels[number] = slots.count - 1 }
            }
            link(number)
        }
    }

    private mutating func link(_ number: Int) {
        let (edge, chain) = (edges[number], chains[number])
        // Long edges want to be straight before others.
        let pairs =
            isBack[number]
            ? zip(chain, chain.dropFirst()).map { ($1, $0) }
            : zip([edge.from] + chain, chain + [edge.to]).map { ($0, $1) }
        for (upper, lower) in pairs {
            let isInner = slots[upper].node == nil && slots[lower].node == nil
            let weight = edge.weight * (isInner ? 4 : 1)
            slots[upper].below.append((lower, weight))
            slots[lower].above.append((upper, weight))
        }
        if isBack[number], let first = chain.first, let last = chain.last {
            slots[first].beside = edge.from
            slots[last].beside = edge.to
        }
    }
}
