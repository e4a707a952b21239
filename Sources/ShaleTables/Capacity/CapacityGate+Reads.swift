internal import ShaleCapacity
internal import ShaleEngine

extension CapacityGate {
    /// Admits the read of one item.
    ///
    /// - Throws: `.throughputExceeded`, `.throttled`.
    func admit(
        readOf key: EntryKey,
        _ consistency: CapacityRules.Consistency
    ) throws(DatabaseError) {
        try admit(
            .read,
            in: key.range,
            least: CapacityRules.read(itemBytes: 0, consistency)
        )
    }

    /// Charges the read of one item of `bytes`, 0 where there is none; it was admitted before.
    func charge(readOf key: EntryKey, _ bytes: Int, _ consistency: CapacityRules.Consistency) {
        let least = CapacityRules.read(itemBytes: 0, consistency)
        take(.read, CapacityRules.read(itemBytes: bytes, consistency) - least, in: key.range)
    }

    /// Gives back what the read of one item took when it was admitted: it is not made.
    func giveBack(readOf key: EntryKey, _ consistency: CapacityRules.Consistency) {
        take(.read, .zero - CapacityRules.read(itemBytes: 0, consistency), in: key.range)
    }
}

/// The admission of one page of a query or scan: of a table, or of a global index, and in one key range where it is of one
/// partition key.
struct PageAdmission {
    let gate: CapacityGate
    let resource: TableCapacity.Resource
    let range: KeyRange?
    let least: CapacityUnits

    /// Asks; nil where the table has no limits.
    ///
    /// - Throws: `.throughputExceeded`, `.throttled`.
    init?(
        _ gate: CapacityGate?,
        _ target: ReadTarget,
        _ range: KeyRange?,
        _ consistency: CapacityRules.Consistency
    ) throws(DatabaseError) {
        guard let gate else { return nil }
        self.gate = gate
        self.range = range
        resource =
            if let index = target.index, index.scope == .global { .index(index.name) } else {
                .table
            }
        least = CapacityRules.readPage(totalBytes: 0, consistency)
        try gate.admit(.read, resource, in: range, least: least)
    }

    /// Charges what the page cost.
    func charge(_ consumed: ConsumedCapacity) {
        gate.charge(.read, consumed, resource, in: range, least: least)
    }
}
