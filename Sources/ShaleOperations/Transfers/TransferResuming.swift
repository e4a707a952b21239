internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

// What was interrupted goes on when a server starts: from its beginning, since what was done of it cannot be told from what
// was not. An export reads the time that it was asked for again; an import gets an empty table. What is remembered has the
// names of the request's members, so it is read as the request was.

extension Service {
    /// Begins again with all exports and imports that were interrupted; call it once, before requests are taken.
    ///
    /// One that cannot go on has failed, and says why.
    public func resumeTransfers() async {
        for kind in TransferIdentity.Kind.allCases {
            for record in database.transfers(kind)
            where record.description[kind.statusMember] == "IN_PROGRESS"
                && !database.isRunning(record.identity)
            {
                do throws(DatabaseError) {
                    switch kind {
                    case .export: try await resumeExport(record)
                    case .import: try await resumeImport(record)
                    }
                } catch {
                    await fail(record, error)
                }
            }
        }
    }

    private func resumeExport(_ record: TransferRecord) async throws(DatabaseError) {
        let request = try remembered(record, as: ExportTableToPointInTime.self)
        let source = try await request.source(self)
        let isSame = record.description["TableId"] == .string(source.table.tableID)
        guard isSame else {
            try await source.leave(database)
            throw DatabaseError(.tableNotFound, "The table was deleted.")
        }
        let job = ExportJob(service: self, record: record, source: source, request: request)
        database.run(record.identity) { await job.run() }
    }

    private func resumeImport(_ record: TransferRecord) async throws(DatabaseError) {
        guard let imported = try await database.resumeImport(record.identity) else {
            return try await endImport(record)
        }
        do throws(DatabaseError) {
            let job = ImportJob(
                service: self,
                record: record,
                imported: imported,
                request: try remembered(record, as: ImportTable.self)
            )
            database.run(record.identity) { await job.run() }
        } catch {
            try await database.abandonImport(imported)
            throw error
        }
    }

    /// The import had come to its end, and only that was not remembered.
    private func endImport(_ record: TransferRecord) async throws(DatabaseError) {
        // The one error is that the table is gone, which the next line tells.
        let table = try? database.describeTable(record.identity.tableName)
        guard let table, record.description["TableId"] == .string(table.tableID) else {
            throw DatabaseError(.internalFailure, "The server was stopped before it was done.")
        }
        var done = record
        done.description["ImportStatus"] = "COMPLETED"
        done.description["ImportedItemCount"] = AttributeValue(table.itemCount)
        done.description["EndTime"] = AttributeValue(milliseconds: database.nowMilliseconds)
        try await database.remember(done)
    }

    private func fail(_ record: TransferRecord, _ reason: DatabaseError) async {
        var done = record
        done.description[record.identity.kind.statusMember] = "FAILED"
        done.description["FailureCode"] = "InternalServerError"
        done.description["FailureMessage"] = .string(
            "The server was stopped before it was done, and it cannot go on: \(reason.message)"
        )
        done.description["EndTime"] = AttributeValue(milliseconds: database.nowMilliseconds)
        do throws(DatabaseError) {
            try await database.remember(done)
        } catch {
            // It shows as failed all the same, and is tried again at the next start.
        }
    }

    /// The request that began it.
    private func remembered<Verb: Operation>(
        _ record: TransferRecord,
        as verb: Verb.Type
    ) throws(DatabaseError) -> Verb.Request {
        var writer = JSONWriter()
        writer.transfer(record, self)
        do throws(WireError) {
            return try Verb.decode(writer.bytes)
        } catch {
            throw DatabaseError(.internalFailure, error.message)
        }
    }
}
