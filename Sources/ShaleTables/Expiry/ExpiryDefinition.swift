internal import ShaleEngine
internal import ShaleItems
internal import Synchronization

/// When the items of a table expire: at the time that an attribute says.
struct ExpiryDefinition: Sendable, Equatable {
    /// Older times count as a mistake, as the service has it.
    static let oldestSeconds: Int64 = 5 * 365 * 24 * 60 * 60

    /// A number: seconds since 1970-01-01 UTC.
    var attributeName: String
    /// Where it is remembered which item expires when (`ExpiryEntry`).
    var engineTable: EngineTable
    /// Whether items from before it was made may still be missing.
    var isBackfilling: Bool

    /// When an item expires; nil if never.
    func seconds(of item: Item) -> Int64? {
        guard case .number(let number)? = item[attributeName], let seconds = number.intValue,
            seconds > 0
        else { return nil }
        return Int64(seconds)
    }
}

/// When one item expires, remembered beside it in the same log record.
///
///     partition key   one byte, 0
///     sort key        8 bytes, big-endian: seconds since 1970-01-01 UTC; then KeyCoding of the primary key
///     value           the primary key, an item as `ItemFormat` draws it
struct ExpiryEntry: Sendable, Equatable {
    private static let partition: [UInt8] = [0]

    let key: EntryKey

    init(_ definition: ExpiryDefinition, seconds: Int64, _ item: Item, _ schema: KeySchema) {
        key = definition.engineTable.key(
            partition: Self.partition,
            sort: Self.bytes(seconds) + KeyBytes.of(schema.attributes, in: item)
        )
    }

    /// All entries of times from `first` on, before `end`.
    static func range(
        _ definition: ExpiryDefinition,
        from first: Int64,
        to end: Int64
    ) -> EntryRange {
        definition.engineTable.range(partition: partition, from: bytes(first), to: bytes(end))
    }

    /// The time in stored key bytes.
    static func seconds(in key: [UInt8]) -> Int64 {
        Int64(clamping: EntryKey.sort(in: key).prefix(8).reduce(UInt64(0)) { $0 << 8 | UInt64($1) })
    }

    private static func bytes(_ seconds: Int64) -> [UInt8] {
        let number = UInt64(max(0, seconds))
        return stride(from: 56, through: 0, by: -8).map { UInt8(truncatingIfNeeded: number >> $0) }
    }
}

/// What one write changes of what is remembered about when its item expires.
struct ExpiryDelta {
    let definition: ExpiryDefinition
    let old: Int64?
    let new: Int64?

    init(_ definition: ExpiryDefinition, from old: Item?, to new: Item?) {
        self.definition = definition
        self.old = old.flatMap { definition.seconds(of: $0) }
        self.new = new.flatMap { definition.seconds(of: $0) }
    }

    /// Adds the writes to a batch.
    /// - Returns: whether there are any.
    func add(
        _ key: Item,
        _ schema: KeySchema,
        to batch: inout WriteBatch
    ) throws(ItemError) -> Bool {
        guard old != new else { return false }
        let table = definition.engineTable.id
        if let old { batch.delete(table, ExpiryEntry(definition, seconds: old, key, schema).key) }
        if let new {
            let entry = ExpiryEntry(definition, seconds: new, key, schema)
            batch.put(table, entry.key, try ItemEncoder.encode(key))
        }
        return true
    }
}

/// Where it is remembered when the items of one table expire, looked up by each write while it owns its item; and how far
/// expired items have been deleted.
final class ExpirySwitch: Sendable {
    private struct State {
        var definition: ExpiryDefinition?
        /// Nothing that expires before this is left, but for what was noted.
        var sweptSeconds: Int64 = 0
        /// The earliest time of the writes since the last sweep began.
        var notedSeconds = Int64.max
    }
    private let state: Mutex<State>
    /// When it was last changed since the opening, in milliseconds.
    private let changed = Mutex<Int64?>(nil)

    init(_ definition: ExpiryDefinition?) { state = Mutex(State(definition: definition)) }

    /// Nil while items do not expire.
    var now: ExpiryDefinition? { state.withLock { $0.definition } }

    /// Notes that it was changed for a request.
    func noteChange(at milliseconds: Int64) { changed.withLock { $0 = milliseconds } }

    /// Whether a request has changed it within so long.
    func wasChanged(within interval: Duration, at milliseconds: Int64) -> Bool {
        guard let last = changed.withLock({ $0 }) else { return false }
        return .milliseconds(milliseconds - last) < interval
    }

    func set(_ definition: ExpiryDefinition?) {
        state.withLock { $0 = State(definition: definition) }
    }

    /// An item is being written that expires then: it is not passed over.
    func note(_ seconds: Int64) {
        state.withLock { $0.notedSeconds = min($0.notedSeconds, seconds) }
    }

    /// A sweep begins: from when on there may be expired items.
    ///
    /// Whoever noted a time before may not be visible yet: the sweep waits for the writers that are there. What is noted from
    /// now on is the next sweep's.
    func beginSweep() -> Int64 {
        state.withLock { state in
            state.sweptSeconds = min(state.sweptSeconds, state.notedSeconds)
            state.notedSeconds = .max
            return state.sweptSeconds
        }
    }

    /// Everything that was noted before the sweep began and expires before `seconds` was deleted.
    ///
    /// Unless another sweep began at an earlier time since.
    func endSweep(from begin: Int64, to seconds: Int64) {
        state.withLock { if $0.sweptSeconds == begin { $0.sweptSeconds = seconds } }
    }
}
