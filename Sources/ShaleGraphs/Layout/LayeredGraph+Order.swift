// The order in each rank: few crossings.
extension LayeredGraph {
    private static let sweeps = 12

    /// Orders each rank by the middle of its neighbours, downwards and upwards in turn, and keeps the best.
    mutating func order() {
        ranks = firstOrder()
        var best = (ranks, crossings())
        for sweep in 0..<Self.sweeps where best.1 > 0 {
            let isDown = sweep % 2 == 0
            for rank in isDown ? Array(ranks.indices) : ranks.indices.reversed() {
                sortRank(rank, isDown: isDown)
            }
            let count = crossings()
            if count < best.1 { best = (ranks, count) }
        }
        ranks = best.0
        keepLoopsBeside()
    }

    /// As a walk meets them that goes deep before it goes wide.
    private func firstOrder() -> [[Int]] {
        var ranks: [[Int]] = Array(
            repeating: [],
            count: (slots.map(\.rank).max() ?? -1) + 1
        )
        var isMet = Array(repeating: false, count: sizes.count)
        var leaving: [[Int]] = Array(repeating: [], count: sizes.count)
        for (number, edge) in edges.enumerated() { leaving[edge.from].append(number) }
        let roots = sizes.indices.sorted { (slots[$0].rank, $0) < (slots[$1].rank, $1) }
        for root in roots {
            var path = [root]
            while let node = path.popLast() {
                guard !isMet[node] else { continue }
                isMet[node] = true
                ranks[slots[node].rank].append(node)
                for number in leaving[node] {
                    for slot in chains[number] { ranks[slots[slot].rank].append(slot) }
                }
                path += leaving[node].reversed().map { edges[$0].to }
            }
        }
        return ranks
    }

    private mutating func sortRank(_ rank: Int, isDown: Bool) {
        var places: [Int: Double] = [:]
        for near in [rank - 1, rank, rank + 1] where ranks.indices.contains(near) {
            for (place, slot) in ranks[near].enumerated() { places[slot] = Double(place) }
        }
        func wanted(_ slot: Int) -> Double {
            let near = isDown ? slots[slot].above : slots[slot].below
            let weights = near.reduce(0) { $0 + $1.weight }
            guard weights > 0 else {
                let beside = slots[slot].beside.flatMap { places[$0] }
                return beside.map { $0 + 0.5 } ?? places[slot] ?? 0
            }
            return near.reduce(0) { $0 + $1.weight * (places[$1.slot] ?? 0) } / weights
        }
        let keyed = ranks[rank].enumerated().map { ($1, wanted($1), $0) }
        ranks[rank] = keyed.sorted { ($0.1, $0.2) < ($1.1, $1.2) }.map(\.0)
    }

    /// Puts both ends of a loop's edge right beside their nodes, on the side where the edge is.
    private mutating func keepLoopsBeside() {
        for chain in chains.indices where isBack[chain] {
            for slot in Set([chains[chain].first, chains[chain].last].compactMap { $0 }) {
                guard let node = slots[slot].beside else { continue }
                let rank = slots[slot].rank
                guard let old = ranks[rank].firstIndex(of: slot),
                    let place = ranks[rank].firstIndex(of: node)
                else { continue }
                let isLeft = old < place
                ranks[rank].remove(at: old)
                let now = isLeft ? place - 1 : place
                ranks[rank].insert(slot, at: isLeft ? now : now + 1)
            }
        }
    }

    /// How many pairs of links between neighbouring ranks cross.
    private func crossings() -> Int {
        var count = 0
        for rank in ranks.indices.dropLast() {
            var places: [Int: Int] = [:]
            for (place, slot) in ranks[rank + 1].enumerated() { places[slot] = place }
            var seen: [Int] = []
            for slot in ranks[rank] {
                let ends = slots[slot].below.compactMap { places[$0.slot] }
                for end in ends { count += seen.count { $0 > end } }
                seen += ends
            }
        }
        return count
    }
}
