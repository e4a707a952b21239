internal import ShaleBytes

extension OpenedRunFile {
    /// What a section knows of the key `sought`.
    ///
    /// Nothing here counts a reference or allocates as long as all pieces are in memory; the answer's bytes
    /// are lent like a block's (`CachedBlock`).
    func get(
        _ ordinal: Int,
        _ sought: LentBytes,
        keyHash: UInt64,
        _ mode: ReadMode
    ) throws(EngineError) -> Lookup {
        guard ordinal >= 0, ordinal < sections.count else { throw noSection(ordinal) }
        let key = sought.span
        let probe = RunFormat.isWholePartition(key) ? RunFormat.partitionHash(key) : keyHash
        var child = sections[ordinal].root
        var level = -1
        while true {
            // Only a leaf has a filter: this asks it before the leaf is read.
            if !child.filter.isNone {
                let filter = try block(child.filter, .filter, mode)
                let body = filter.bytes
                guard filter.filter.mayContain(probe, in: body.span) else { return .absent }
            }
            let node = try block(child.piece, .index, mode)
            let piece = node.index
            guard level < 0 || piece.level == level else {
                throw wrongLevel(child.piece, piece.level, level)
            }
            let body = node.bytes
            let index = piece.firstChild(notBefore: key, in: body.span)
            guard index < piece.count else { return .absent }
            child = piece.child(index, in: body.span)
            guard piece.level > 0 else { break }
            level = piece.level - 1
        }
        let block = try self.block(child.piece, .data, mode)
        let body = block.bytes
        guard let entry = block.data.find(key, keyHash: keyHash, in: body.span) else {
            return .absent
        }
        let value = EntryValue(block: block, range: entry.value)
        switch entry.kind {
        case .value: return .value(value)
        case .tombstone: return .tombstone
        case .blob: return .blob(value)
        }
    }

    func noSection(_ ordinal: Int) -> EngineError {
        EngineError(
            .corrupted,
            file: decoder.file,
            "section \(ordinal) is asked for, the file has \(sections.count)"
        )
    }

    func wrongLevel(_ pointer: PiecePointer, _ found: Int, _ expected: Int) -> EngineError {
        decoder.damage(
            Int(truncatingIfNeeded: pointer.offset),
            "an index piece of level \(found) where level \(expected) is expected"
        )
    }
}
