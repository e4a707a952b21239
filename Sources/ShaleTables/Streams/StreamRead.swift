internal import ShaleEngine

/// One read of a shard: a page of records, and where the next one begins.
struct StreamRead: Sendable {
    /// Entries that are looked at in one read, records that count no more among them.
    private static let mostEntries = 20_000

    let generation: StreamGeneration
    let slot: Int
    let from: StreamSequence
    let limit: Int
    /// Records from before this time count no more.
    let horizon: Int64
    /// Records from this time on counted when the reader got its place: one of them that counts no more is not passed over in
    /// silence.
    var promised = Int64.max

    struct Answer: Sendable {
        var records: [ChangeRecord] = []
        var next: StreamSequence
        /// Whether nothing more was there.
        var isAtEnd = false
    }

    /// Reads all that is visible behind the place, up to the limits.
    ///
    /// Records are in the order of the log, and what is visible ends at one position: so whoever reads on from there
    /// misses nothing.
    func run(_ view: ReadView) throws(EngineError) -> Result<Answer, DatabaseError> {
        var entries: [(sequence: StreamSequence, value: [UInt8])] = []
        var size = 0
        var looked = 0
        var next = from
        var isCut = false
        var hasLost = false
        try view.scan(generation.engineTable.id, generation.range(slot: slot, from: from)) {
            key,
            value in
            guard let stamp = Stamp(endOf: key) else { return .continue }
            let written = ChangeRecordFormat.milliseconds(of: value) ?? .max
            let counts = written >= horizon
            hasLost = !counts && written >= promised
            if hasLost { return .stop }
            if counts, !entries.isEmpty, size + value.count > StreamLimits.readSizeBytes {
                isCut = true
                return .stop
            }
            looked += 1
            next = StreamSequence(stamp).next
            if counts {
                entries.append((StreamSequence(stamp), value))
                size += value.count
            }
            isCut = entries.count >= limit || looked >= Self.mostEntries
            return isCut ? .stop : .continue
        }
        if hasLost { return .failure(.trimmed) }
        var answer = Answer(next: next)
        if !isCut {
            answer.isAtEnd = true
            answer.next = max(next, StreamSequence(from: view.position))
        }
        do throws(DatabaseError) {
            for entry in entries {
                answer.records.append(
                    try ChangeRecordFormat.decode(entry.value, at: entry.sequence)
                )
            }
        } catch {
            return .failure(error)
        }
        return .success(answer)
    }
}
