internal import ShaleCapacity
internal import ShaleEngine
internal import ShaleItems

// A write is admitted to its table before anything is read for it, and to the indexes that it changes when it is known which
// those are: as in the service, an index without capacity throttles exactly the writes that would change it.

extension ItemWrite {
    /// The least that the write can cost before anything is read for it: of a put what its item costs.
    ///
    /// So of many large items that come at once only one overdraws.
    private var leastUnits: CapacityUnits {
        guard gate != nil, case .put(let item, _) = change else { return usualUnits }
        return CapacityRules.write(oldBytes: nil, newBytes: item.sizeBytes, mode)
    }

    /// What a write costs that found nothing.
    private var usualUnits: CapacityUnits {
        CapacityRules.write(oldBytes: nil, newBytes: nil, mode)
    }

    /// Asks the table.
    ///
    /// - Throws: `.throughputExceeded`, `.throttled`.
    func admit() throws(DatabaseError) {
        try gate?.admit(.write, in: entryKey.range, least: leastUnits)
    }

    /// Asks the indexes that the write changes.
    ///
    /// Takes nothing: whoever decides may decide again.
    func admit(_ deltas: [IndexDelta]) throws(DatabaseError) {
        guard let gate else { return }
        for delta in deltas where delta.index.scope == .global && !delta.index.onlyRemoves {
            try gate.admit(.write, .index(delta.index.name), in: delta.range, least: .zero)
        }
    }

    /// Charges what the write cost; one whose condition failed costs as well, and one that an index refused nothing.
    func charge(_ result: Result<Outcome, DatabaseError>) {
        count(result)
        if case .success(let outcome) = result { followers?.space.add(bytes: outcome.recordBytes) }
        switch result {
        case .success(let outcome):
            gate?.charge(
                .write,
                outcome.consumed,
                in: entryKey.range,
                indexRanges: outcome.indexRanges,
                least: leastUnits
            )
        case .failure(let error) where error.isThrottling: giveBack()
        case .failure(let error): charge(table: error.cost ?? usualUnits)
        }
    }

    /// Charges a write of a transaction that did not happen, whatever came of this one: no index was written.
    func chargeUndone(_ result: Result<Outcome, DatabaseError>) {
        guard case .success(let outcome) = result else { return charge(result) }
        usage?.add(.write, outcome.consumed.table)
        charge(table: outcome.consumed.table)
    }

    private func charge(table units: CapacityUnits) {
        gate?.charge(
            .write,
            ConsumedCapacity(tableName: version.definition.name, table: units),
            in: entryKey.range,
            least: leastUnits
        )
    }

    /// Counts what the write cost, as `charge` charges it.
    private func count(_ result: Result<Outcome, DatabaseError>) {
        guard let usage else { return }
        switch result {
        case .success(let outcome): usage.add(.write, outcome.consumed)
        case .failure(let error) where error.isThrottling: return
        case .failure(let error): usage.add(.write, error.cost ?? usualUnits)
        }
    }

    /// Gives back what the write took when it was admitted: it is not made.
    func giveBack() { gate?.take(.write, .zero - leastUnits, in: entryKey.range) }
}

extension IndexDelta {
    /// The key range of the entry that is put, or else of the one that is deleted.
    var range: KeyRange? { (new ?? old)?.key.range }
}

extension [IndexDelta] {
    /// The key ranges of global indexes that they change.
    var ranges: [String: KeyRange] {
        var ranges: [String: KeyRange] = [:]
        for delta in self where delta.index.scope == .global {
            ranges[delta.index.name] = delta.range
        }
        return ranges
    }
}
