/// Values by texts, with a bound on what they cost together: the ones that were not asked for longest go first.
///
/// Texts are told apart by their bytes.
struct BoundedCache<Value: Sendable>: Sendable {
    private struct Entry {
        let value: Value
        let cost: Int
        var lastUse: UInt64
    }

    private let limit: Int
    private var entries: [[UInt8]: Entry] = [:]
    private var uses: UInt64 = 0
    /// What the values cost together: at most the limit.
    private(set) var cost = 0

    /// Makes an empty one.
    init(limit: Int) { self.limit = limit }

    /// The value of a text.
    mutating func value(_ name: String) -> Value? {
        let name = Array(name.utf8)
        uses += 1
        entries[name]?.lastUse = uses
        return entries[name]?.value
    }

    /// Keeps a value; one that costs more than the limit alone is not kept.
    mutating func keep(_ value: Value, as name: String, cost: Int) {
        let name = Array(name.utf8)
        remove(name)
        guard cost <= limit else { return }
        while self.cost + cost > limit,
            let oldest = entries.min(by: { $0.value.lastUse < $1.value.lastUse })
        {
            remove(oldest.key)
        }
        uses += 1
        entries[name] = Entry(value: value, cost: cost, lastUse: uses)
        self.cost += cost
    }

    /// Drops the values of which something holds.
    mutating func removeAll(where holds: (Value) -> Bool) {
        for (name, entry) in entries where holds(entry.value) { remove(name) }
    }

    private mutating func remove(_ name: [UInt8]) {
        guard let gone = entries.removeValue(forKey: name) else { return }
        cost -= gone.cost
    }
}
