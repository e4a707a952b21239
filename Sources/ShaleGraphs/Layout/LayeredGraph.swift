/// Boxes and arrows to be laid out in ranks, from top to bottom; and, step by step, where they are.
///
/// Sugiyama's method: edges that close a loop are turned round (`+Ranks`), every node gets a rank below those
/// that lead to it, an edge over several ranks becomes a chain of empty slots, the order in each rank is chosen
/// to have few crossings (`+Order`), then places are chosen to have straight edges (`+Places`). An edge of a
/// loop gets slots in all ranks from its target to its source, so that it leaves and enters like any other edge
/// and comes up beside what it repeats. A label is a slot, so nothing lies upon it.
struct LayeredGraph {
    struct Edge {
        let from: Int
        let to: Int
        /// The size of what is written on it.
        var label: Size?
        /// How much it wants to be straight.
        var weight = 1.0
    }

    /// What takes up room in a rank: a node, or the place where an edge passes.
    struct Slot {
        var rank: Int
        var size: Size
        /// Nil for the place of an edge.
        var node: Int?
        var x = 0.0
        /// The slots one rank above and below, with the weights of the edges to them.
        var above: [(slot: Int, weight: Double)] = []
        var below: [(slot: Int, weight: Double)] = []
        /// The node in the same rank that an edge of a loop comes from or goes to.
        var beside: Int?
    }

    static let nodeGap = 32.0
    static let edgeGap = 18.0

    let sizes: [Size]
    let edges: [Edge]
    /// The slot of node n has the number n.
    var slots: [Slot] = []
    /// The slots of each rank from left to right.
    var ranks: [[Int]] = []
    /// The slots of each edge between its ends, in the direction of the edge.
    var chains: [[Int]] = []
    /// Whether an edge leads upwards.
    var isBack: [Bool] = []
    /// Where the label of an edge is.
    var labels: [Int?] = []

    init(_ sizes: [Size], _ edges: [Edge]) {
        self.sizes = sizes
        self.edges = edges
        rankNodes()
        addChains()
        order()
        place()
    }

    /// The least distance between the middles of two neighbours in a rank.
    func distance(_ left: Int, _ right: Int) -> Double {
        let areNodes = slots[left].node != nil && slots[right].node != nil
        return (slots[left].size.width + slots[right].size.width) / 2
            + (areNodes ? Self.nodeGap : Self.edgeGap)
    }
}
