internal import ShaleCapacity

extension Transaction {
    /// Asks for capacity for all writes; takes nothing where any is refused.
    ///
    /// - Throws: `.transactionCanceled`.
    func admit() throws(DatabaseError) {
        var reasons: [CancellationReason] = []
        for write in writes {
            do throws(DatabaseError) {
                try write.admit()
                reasons.append(.none)
            } catch {
                reasons.append(CancellationReason(error))
            }
        }
        guard reasons.contains(where: { $0.code != .none }) else { return }
        for (write, reason) in zip(writes, reasons) where reason.code == .none { write.giveBack() }
        throw .canceled(reasons)
    }

    /// Charges what the writes cost.
    ///
    /// A transaction that did not happen costs as writes whose conditions failed, and nothing where an index refused it.
    func charge(_ decided: Result<Outcome, DatabaseError>) {
        switch decided {
        case .success(.done(let outcomes)):
            for (write, outcome) in zip(writes, outcomes) { write.charge(.success(outcome)) }
        case .success(.canceled(_, let results)):
            if results.contains(where: \.isThrottled) {
                for write in writes { write.giveBack() }
            } else {
                for (write, result) in zip(writes, results) { write.chargeUndone(result) }
            }
        case .success(.repeated(let reads)):
            // It looks at its items, and writes nothing.
            for (write, read) in zip(writes, reads) {
                write.giveBack()
                write.gate?.take(.read, read.table, in: write.entryKey.range)
                write.usage?.add(.read, read.table)
            }
        // The storage failed, or the request was none: what each write took at first is what it cost.
        case .failure: break
        }
    }
}

extension Result<ItemWrite.Outcome, DatabaseError> {
    /// Whether an index lacked capacity.
    fileprivate var isThrottled: Bool {
        guard case .failure(let error) = self else { return false }
        return error.isThrottling
    }
}
