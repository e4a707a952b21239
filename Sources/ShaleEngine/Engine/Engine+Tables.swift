internal import ShalePlatform

extension Engine {
    /// A new, empty table.
    ///
    /// When this answers, it survives the loss of power.
    public func createTable() async throws(EngineError) -> EngineTable {
        let result: Result<EngineTable, EngineError> = await world.scheduler.run(.housekeeping) {
            Result { () throws(EngineError) in try self.createTableBlocking() }
        }
        return try result.get()
    }

    /// `createTable` for a thread that may block.
    public func createTableBlocking() throws(EngineError) -> EngineTable {
        _ = try lane()
        return try turn.hold(world.scheduler) { () throws(EngineError) in
            guard map.tables.count < Limits.tables else {
                throw EngineError(
                    .tooLarge,
                    "the database has \(Limits.tables) tables, the most there can be"
                )
            }
            let table = EngineTable(id: numbers.table(), hashSeed: world.randomness.next())
            try notingFullDisk { () throws(EngineError) in try add(table) }
            return table
        }
    }

    /// Enters a new table; the caller has the turn.
    func add(_ table: EngineTable) throws(EngineError) {
        let position = try lane().tail
        let partition = PartitionView(
            id: numbers.partition(),
            table: table.id,
            lower: [],
            upper: nil,
            flushedThrough: position,
            active: Memtable(lower: [], upper: nil, account: account),
            sealed: [],
            runs: []
        )
        try manifest.commit([numbers.edit, .addTable(table), .setPartition(partition.record)])
        changeMap { map, _ in map.adding(table, [partition]) }
    }

    /// Drops a table with all its entries.
    ///
    /// Its number is never used again.
    public func dropTable(_ id: TableID) async throws(EngineError) {
        let result: Result<Void, EngineError> = await world.scheduler.run(.housekeeping) {
            Result { () throws(EngineError) in try self.dropTableBlocking(id) }
        }
        try result.get()
    }

    /// `dropTable` for a thread that may block.
    public func dropTableBlocking(_ id: TableID) throws(EngineError) {
        _ = try lane()
        try turn.hold(world.scheduler) { () throws(EngineError) in
            guard map.tables[id] != nil else {
                throw EngineError(.noSuchTable, "there is no \(id)")
            }
            var after = manifest.state
            let unreferenced = after.dropping(id)
            let edits =
                [.removeTable(id)] + unreferenced.files.map { .removeFile($0) }
                + unreferenced.blobFiles.map { ManifestEdit.removeBlobFile($0) }
            try notingFullDisk { () throws(EngineError) in try manifest.commit(edits) }
            changeMap { map, _ in map.removing(id) }
            runFiles.retire(unreferenced.files)
            runFiles.blobs.retire(unreferenced.blobFiles)
            noteRuns()
        }
    }
}

extension ManifestState {
    /// Removes a table's partitions.
    /// - Returns: the files that nothing refers to any more, ascending.
    fileprivate mutating func dropping(
        _ id: TableID
    ) -> (files: [FileNumber], blobFiles: [FileNumber]) {
        for partition in partitions.values where partition.table == id {
            partitions[partition.id] = nil
        }
        return unreferenced
    }
}
