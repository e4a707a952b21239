// Where each slot of a rank is: as straight below and above its neighbours as its rank has room.
extension LayeredGraph {
    private static let passes = 12

    /// Which neighbours have a say.
    private enum Side {
        case above, below, both
    }

    mutating func place() {
        for rank in ranks.indices {
            var x = 0.0
            for (index, slot) in ranks[rank].enumerated() {
                if index > 0 { x += distance(ranks[rank][index - 1], slot) }
                slots[slot].x = x
            }
        }
        var best = (places: slots.map(\.x), bend: Double.infinity)
        for pass in 0..<Self.passes {
            let isMixed = pass % 3 == 2
            for side in isMixed ? [Side.both] : [.below, .above] {
                let order = side == .below ? Array(ranks.indices.reversed()) : Array(ranks.indices)
                for rank in order { settle(rank, side) }
                let bend = bend()
                if bend < best.bend - 0.01 { best = (slots.map(\.x), bend) }
            }
        }
        for slot in slots.indices { slots[slot].x = best.places[slot] }
        for chain in chains { straighten(chain) }
        let left = slots.map { $0.x - $0.size.width / 2 }.min() ?? 0
        for slot in slots.indices { slots[slot].x -= left }
    }

    /// Makes the way of an edge between its ends one straight line, if its neighbours leave room for one.
    private mutating func straighten(_ chain: [Int]) {
        guard chain.count > 1 else { return }
        var room = -Double.infinity...Double.infinity
        for slot in chain {
            let rank = ranks[slots[slot].rank]
            guard let place = rank.firstIndex(of: slot) else { return }
            var (least, most) = (-Double.infinity, Double.infinity)
            if place > 0 { least = slots[rank[place - 1]].x + distance(rank[place - 1], slot) }
            if place + 1 < rank.count {
                most = slots[rank[place + 1]].x - distance(slot, rank[place + 1])
            }
            least = max(least, room.lowerBound)
            most = min(most, room.upperBound)
            guard least <= most else { return }
            room = least...most
        }
        let wishes = chain.map { (x: slots[$0].x, weight: 1.0) }
        let x = min(max(Self.middle(wishes), room.lowerBound), room.upperBound)
        for slot in chain { slots[slot].x = x }
    }

    /// The length of all that is not straight, by weight.
    private func bend() -> Double {
        slots.reduce(0) { sum, slot in
            sum + slot.below.reduce(0) { $0 + $1.weight * abs(slots[$1.slot].x - slot.x) }
        }
    }

    /// Moves the slots of one rank to where their neighbours want them, in their order and at their distances.
    ///
    /// Slots that want the same room make a block, which goes to the middle of what its members want: the place
    /// with the least sum of weighted distances.
    private mutating func settle(_ rank: Int, _ side: Side) {
        struct Block {
            var wishes: [(x: Double, weight: Double)]
            var x: Double
        }
        var blocks: [Block] = []
        var (members, offsets): ([Int], [Double]) = ([], [])
        var offset = 0.0
        for (index, slot) in ranks[rank].enumerated() {
            if index > 0 { offset += distance(ranks[rank][index - 1], slot) }
            offsets.append(offset)
            var wishes = neighbours(of: slot, side).map {
                (x: slots[$0.slot].x - offset, weight: $0.weight)
            }
            if let beside = slots[slot].beside {
                let sign = slots[beside].x < slots[slot].x ? 1.0 : -1.0
                let room = distance(beside, slot)
                wishes.append((slots[beside].x + sign * room - offset, 0.5))
            }
            if wishes.isEmpty { wishes = [(slots[slot].x - offset, 0.01)] }
            blocks.append(Block(wishes: wishes, x: Self.middle(wishes)))
            members.append(1)
            while blocks.count > 1, blocks[blocks.count - 2].x > blocks[blocks.count - 1].x {
                let last = blocks.removeLast()
                let joined = blocks[blocks.count - 1].wishes + last.wishes
                blocks[blocks.count - 1] = Block(wishes: joined, x: Self.middle(joined))
                let count = members.removeLast()
                members[members.count - 1] += count
            }
        }
        var index = 0
        for (block, count) in zip(blocks, members) {
            for _ in 0..<count {
                slots[ranks[rank][index]].x = block.x + offsets[index]
                index += 1
            }
        }
    }

    private func neighbours(of slot: Int, _ side: Side) -> [(slot: Int, weight: Double)] {
        switch side {
        case .above: slots[slot].above
        case .below: slots[slot].below
        case .both: slots[slot].above + slots[slot].below
        }
    }

    /// The weighted median; between the two that share it, the middle of them.
    private static func middle(_ wishes: [(x: Double, weight: Double)]) -> Double {
        let sorted = wishes.sorted { $0.x < $1.x }
        let half = sorted.reduce(0) { $0 + $1.weight } / 2
        var sum = 0.0
        for (index, wish) in sorted.enumerated() {
            sum += wish.weight
            if sum > half + 1e-9 { return wish.x }
            if sum > half - 1e-9, index + 1 < sorted.count {
                return (wish.x + sorted[index + 1].x) / 2
            }
        }
        return sorted.last?.x ?? 0
    }
}
