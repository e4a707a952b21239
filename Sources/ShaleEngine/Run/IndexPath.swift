internal import ShaleBytes

/// A place in a section's block index: one data block, named by its leaf and its index there.
///
/// Moves to the next and the previous block. Where a leaf ends, its neighbour is sought from the root, so
/// nothing above the leaf is kept. Blocks lie in a file in the order of their keys; a step to a leaf that
/// does not go that way is damage, so no made-up index leads around in a circle.
struct IndexPath {
    var mode: ReadMode
    private var leaf: IndexNode?
    private var index = 0

    init(_ mode: ReadMode) { self.mode = mode }

    /// Whether there is no block here: behind the last, or before the first.
    var isOutside: Bool { leaf == nil }

    /// The block here.
    var block: PiecePointer { here.child(index).piece }

    private var here: IndexNode {
        guard let leaf else { preconditionFailure("there is a block here") }
        return leaf
    }

    /// Whether every key of the block here is before `bound`.
    func isBlockBefore(_ bound: LentBytes) -> Bool {
        guard let leaf else { return false }
        return leaf.compareSeparator(index, with: bound.span) < 0
    }

    /// Whether the index shows that no key of the block here is before `bound`.
    func isBlockBehind(_ bound: LentBytes) -> Bool {
        guard bound.count > 0 else { return true }
        guard let leaf, index > 0 else { return false }
        return leaf.compareSeparator(index - 1, with: bound.span) >= 0
    }

    /// Goes to the block that has the first key not before `key`, if any block has.
    mutating func seek(
        notBefore key: LentBytes,
        in section: borrowing OpenedSection
    ) throws(EngineError) {
        leaf = nil
        var node = try section.node(section.root.piece, level: nil, mode)
        var child = node.firstChild(notBefore: key.span)
        guard child < node.count else { return }
        while node.level > 0 {
            let pointer = node.child(child).piece
            node = try section.node(pointer, level: node.level - 1, mode)
            child = node.firstChild(notBefore: key.span)
            guard child < node.count else { throw section.file.misplaced(pointer) }
        }
        leaf = node
        index = child
    }

    /// Goes to the last block.
    mutating func seekLast(in section: borrowing OpenedSection) throws(EngineError) {
        try descend(from: try section.node(section.root.piece, level: nil, mode), in: section)
    }

    /// Goes to the next block, or outside behind the last one.
    mutating func moveForward(in section: borrowing OpenedSection) throws(EngineError) {
        let here = here
        guard index + 1 == here.count else { return index += 1 }
        let passed = block
        // The least key behind all of this leaf.
        let last = here.lentSeparator(index)
        try Scratch.with(capacity: last.count + 1) { scratch throws(EngineError) in
            scratch.append(last.span)
            scratch.append(bigEndian: UInt8(0))
            try seek(notBefore: scratch.lent, in: section)
        }
        guard isOutside || block.offset > passed.offset else {
            throw section.file.misplaced(block)
        }
    }

    /// Goes to the previous block, or outside before the first one.
    mutating func moveBackward(in section: borrowing OpenedSection) throws(EngineError) {
        let here = here
        guard index == 0 else { return index -= 1 }
        let passed = block
        let first = here.lentSeparator(0)
        // The deepest node on the way to this leaf that has a child before that way.
        var before: (node: IndexNode, child: Int)?
        var node = try section.node(section.root.piece, level: nil, mode)
        while true {
            let child = node.firstChild(notBefore: first.span)
            guard child < node.count else { throw section.file.misplaced(passed) }
            if child > 0 { before = (node, child - 1) }
            guard node.level > 0 else { break }
            node = try section.node(node.child(child).piece, level: node.level - 1, mode)
        }
        leaf = nil
        guard let before else { return }
        if before.node.level == 0 {
            leaf = before.node
            index = before.child
        } else {
            let pointer = before.node.child(before.child).piece
            try descend(
                from: try section.node(pointer, level: before.node.level - 1, mode),
                in: section
            )
        }
        guard block.offset < passed.offset else { throw section.file.misplaced(block) }
    }

    /// To the last block below a node.
    private mutating func descend(
        from top: IndexNode,
        in section: borrowing OpenedSection
    ) throws(EngineError) {
        var node = top
        while node.level > 0 {
            let pointer = node.child(node.count - 1).piece
            node = try section.node(pointer, level: node.level - 1, mode)
        }
        leaf = node
        index = node.count - 1
    }
}

extension OpenedRunFile {
    /// A piece to which the index leads although its keys lie elsewhere.
    fileprivate func misplaced(_ pointer: PiecePointer) -> EngineError {
        decoder.damage(
            Int(truncatingIfNeeded: pointer.offset),
            "the block index leads here by separators that contradict each other"
        )
    }
}
