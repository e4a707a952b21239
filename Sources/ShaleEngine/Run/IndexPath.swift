/// A place in a section's block index: one data block, and the pieces from the root to its leaf.
///
/// Moves to the next and the previous block.
struct IndexPath {
    private struct Step {
        var node: IndexNode
        var index: Int
    }

    /// At which end of a piece a descent goes on.
    private enum Side { case first, last }

    private let section: OpenedSection
    private let mode: ReadMode
    /// Root first, leaf last; empty when there is no block here.
    private var steps: [Step] = []

    init(_ section: OpenedSection, _ mode: ReadMode) {
        self.section = section
        self.mode = mode
    }

    /// Whether there is no block here: behind the last, or before the first.
    var isOutside: Bool { steps.isEmpty }

    /// The block here.
    var block: PiecePointer {
        guard let leaf = steps.last else { preconditionFailure("there is a block here") }
        return leaf.node.child(leaf.index).piece
    }

    /// Whether every key of the block here is before `bound`.
    func isBlockBefore(_ bound: RawSpan) -> Bool {
        guard let leaf = steps.last else { return false }
        return leaf.node.compareSeparator(leaf.index, with: bound) < 0
    }

    /// Whether the index shows that no key of the block here is before `bound`.
    func isBlockBehind(_ bound: RawSpan) -> Bool {
        guard bound.byteCount > 0 else { return true }
        guard let leaf = steps.last, leaf.index > 0 else { return false }
        return leaf.node.compareSeparator(leaf.index - 1, with: bound) >= 0
    }

    /// Goes to the block that has the first key not before `key`, if any block has.
    mutating func seek(notBefore key: RawSpan) throws(EngineError) {
        var node = try restart()
        while true {
            let index = node.firstChild(notBefore: key)
            guard index < node.count else {
                if steps.isEmpty { return }
                // A lower piece that is all before the key contradicts its parent; the next block
                // is the right answer to that.
                steps.append(Step(node: node, index: node.count - 1))
                if node.level > 0 { try descend(.last) }
                return try moveForward()
            }
            steps.append(Step(node: node, index: index))
            guard let below = try child() else { return }
            node = below
        }
    }

    /// Goes to the first block.
    mutating func seekFirst() throws(EngineError) {
        let node = try restart()
        steps.append(Step(node: node, index: 0))
        try descend(.first)
    }

    /// Goes to the last block.
    mutating func seekLast() throws(EngineError) {
        let node = try restart()
        steps.append(Step(node: node, index: node.count - 1))
        try descend(.last)
    }

    /// Goes to the next block, or outside behind the last one.
    mutating func moveForward() throws(EngineError) {
        while let step = steps.popLast() {
            guard step.index + 1 < step.node.count else { continue }
            steps.append(Step(node: step.node, index: step.index + 1))
            return try descend(.first)
        }
    }

    /// Goes to the previous block, or outside before the first one.
    mutating func moveBackward() throws(EngineError) {
        while let step = steps.popLast() {
            guard step.index > 0 else { continue }
            steps.append(Step(node: step.node, index: step.index - 1))
            return try descend(.last)
        }
    }

    private mutating func restart() throws(EngineError) -> IndexNode {
        steps.removeAll(keepingCapacity: true)
        return try section.node(section.root.piece, level: nil, mode)
    }

    private mutating func descend(_ side: Side) throws(EngineError) {
        while let node = try child() {
            steps.append(Step(node: node, index: side == .first ? 0 : node.count - 1))
        }
    }

    /// The piece below the last step; nil if that is a leaf.
    private func child() throws(EngineError) -> IndexNode? {
        guard let step = steps.last, step.node.level > 0 else { return nil }
        return try section.node(
            step.node.child(step.index).piece,
            level: step.node.level - 1,
            mode
        )
    }
}
