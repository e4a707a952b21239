internal import ShaleBytes

/// Reading what is left of a damaged section: for `shale salvage`.
extension RunSection {
    /// Keys that cannot be read any more: greater than `after` (nil: from the first key on) and at
    /// most `through`.
    struct LostKeys: Equatable, Sendable {
        var after: [UInt8]?
        var through: [UInt8]
        var error: EngineError
    }

    /// Visits every entry whose block can be read, in ascending order, and answers with what lies
    /// between them and cannot.
    ///
    /// A large value is visited as a reference to it. Filters are not needed. Throws if the file cannot be
    /// opened, its footer or directory is damaged (then nothing of it can be read), or if `visit` throws.
    func salvage(
        _ visit: (_ key: [UInt8], EntryKind, _ value: LentBytes) throws(EngineError) -> Void
    ) throws(EngineError) -> [LostKeys] {
        let section = try OpenedSection(file, ordinal, .sequential)
        var lost: [LostKeys] = []
        var visited: Set<UInt64> = []
        try section.salvage(
            section.root.piece,
            level: nil,
            (after: nil, through: section.summary.lastKey),
            &visited,
            &lost,
            visit
        )
        return lost
    }
}

extension OpenedSection {
    fileprivate func salvage(
        _ pointer: PiecePointer,
        level: Int?,
        _ bounds: (after: [UInt8]?, through: [UInt8]),
        _ visited: inout Set<UInt64>,
        _ lost: inout [RunSection.LostKeys],
        _ visit: (_ key: [UInt8], EntryKind, _ value: LentBytes) throws(EngineError) -> Void
    ) throws(EngineError) {
        // A made-up file could lead to one piece many times.
        guard visited.insert(pointer.offset).inserted else { return }
        let node: IndexNode
        do throws(EngineError) {
            node = try self.node(pointer, level: level, .sequential)
        } catch {
            lost.append(
                RunSection.LostKeys(after: bounds.after, through: bounds.through, error: error)
            )
            return
        }
        var after = bounds.after
        for index in 0..<node.count {
            let child = node.child(index).piece
            let through = node.separator(index)
            if node.level > 0 {
                try salvage(child, level: node.level - 1, (after, through), &visited, &lost, visit)
            } else {
                let block: CachedBlock?
                do throws(EngineError) {
                    block = try file.block(child, .data, .sequential)
                } catch {
                    block = nil
                    lost.append(RunSection.LostKeys(after: after, through: through, error: error))
                }
                if let block { try visitEntries(of: block, visit) }
            }
            after = through
        }
    }

    private func visitEntries(
        of block: CachedBlock,
        _ visit: (_ key: [UInt8], EntryKind, _ value: LentBytes) throws(EngineError) -> Void
    ) throws(EngineError) {
        let bytes = block.bytes
        let body = bytes.span
        var key: [UInt8] = []
        for index in 0..<block.data.count {
            let entry = block.data.entry(index, in: body)
            block.data.copyKey(of: entry, in: body, to: &key)
            try visit(key, entry.kind, bytes[entry.value])
        }
    }
}
