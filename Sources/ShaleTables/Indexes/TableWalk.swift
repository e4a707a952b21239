internal import ShaleEngine

/// Goes through all entries of an engine table in its order, some at a time.
///
/// No view of the database is held between two steps: entries that are written meanwhile may be seen
/// or not, those that are there all the time are seen once.
struct TableWalk: Sendable {
    /// Entries of one step: enough to spread the cost of a read, few enough for its time and memory.
    static let stepCount = 256
    /// Bytes of values at which a step ends.
    static let stepSizeBytes = 1024 * 1024

    let table: EngineTable
    /// What is left; nil at the end.
    private(set) var rest: EntryRange? = .all

    init(_ table: EngineTable) { self.table = table }

    /// Runs `body` on the entries of the next step and on the view they were read from.
    mutating func next<Answer: Sendable>(
        _ engine: Engine,
        _ body:
            @escaping @Sendable (
                ReadView, [(key: [UInt8], value: [UInt8])]
            ) throws(EngineError) -> Answer
    ) async throws(EngineError) -> Answer? {
        guard let range = rest else { return nil }
        let id = table.id
        let (answer, last) = try await engine.read {
            view throws(EngineError) -> (Answer, [UInt8]?) in
            var entries: [(key: [UInt8], value: [UInt8])] = []
            var size = 0
            var isFull = false
            try view.scan(id, range) { key, value in
                entries.append((key, value))
                size += value.count
                isFull = entries.count >= Self.stepCount || size >= Self.stepSizeBytes
                return isFull ? .stop : .continue
            }
            return (try body(view, entries), isFull ? entries.last?.key : nil)
        }
        rest = last.map { range.after($0) }
        return answer
    }
}

extension EngineTable {
    /// The key whose stored bytes are `bytes`.
    func key(stored bytes: [UInt8]) -> EntryKey {
        key(partition: Array(EntryKey.partition(in: bytes)), sort: Array(EntryKey.sort(in: bytes)))
    }
}
