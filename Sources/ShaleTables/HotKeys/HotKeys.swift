internal import ShaleEngine
public import ShaleItems
internal import Synchronization

/// The partition keys of one table that are asked for most, from a sample of the requests.
///
/// One request in 61 names a key. A fixed number of keys is counted; a new one takes the place of the rarest, and its
/// count (A. Metwally, D. Agrawal, A. El Abbadi, "Efficient Computation of Frequent and Top-k Elements in Data Streams"): so a
/// key that makes up more than one part in `mostKeys` is among them. What is old counts less and less.
final class HotKeys: Sendable {
    /// Of so many requests one is looked at.
    ///
    /// A prime, so that requests that come in turns are not looked at in step.
    static let sampledOne = 61
    private static let mostKeys = 64
    /// Behind so many samples all counts are halved.
    private static let window = 4096

    private struct State {
        var counts: [[UInt8]: Int] = [:]
        var total = 0
    }
    private let state = Mutex(State())

    /// Counts the partition key of a stored key.
    func note(_ key: EntryKey) {
        let partition = Array(EntryKey.partition(in: key.bytes))
        state.withLock { state in
            state.total += 1
            if let count = state.counts[partition] {
                state.counts[partition] = count + 1
            } else if state.counts.count < Self.mostKeys {
                state.counts[partition] = 1
            } else if let rarest = state.counts.min(by: Self.isRarer) {
                state.counts[rarest.key] = nil
                state.counts[partition] = rarest.value + 1
            }
            guard state.total >= Self.window else { return }
            state.total /= 2
            state.counts = state.counts.mapValues { $0 / 2 }.filter { $0.value > 0 }
        }
    }

    /// The most frequent keys and their share of all requests, most frequent first.
    func top(_ count: Int) -> [(partition: [UInt8], share: Double)] {
        let (counts, total) = state.withLock { ($0.counts, $0.total) }
        guard total > 0 else { return [] }
        // A key that was met once is one of many, or of too few.
        let sorted = counts.filter { $0.value > 1 }.sorted { !Self.isRarer($0, $1) }
        return sorted.prefix(count).map { ($0.key, Double($0.value) / Double(total)) }
    }

    /// By count, and then by bytes, so that the answer is always the same.
    private static func isRarer(
        _ left: (key: [UInt8], value: Int),
        _ right: (key: [UInt8], value: Int)
    ) -> Bool {
        left.value == right.value
            ? right.key.lexicographicallyPrecedes(left.key) : left.value < right.value
    }
}

/// A partition key that many requests ask for.
public struct HotKey: Sendable, Equatable {
    /// The table.
    public var tableName: String
    /// The partition key.
    public var partitionKey: AttributeValue
    /// Which part of the requests to the table asks for it, from 0 to 1.
    public var share: Double

    /// Puts one together.
    public init(tableName: String, partitionKey: AttributeValue, share: Double) {
        self.tableName = tableName
        self.partitionKey = partitionKey
        self.share = share
    }
}

extension Database {
    /// The partition keys of each table that make up at least a hundredth of its latest requests, most frequent first.
    ///
    /// They come from a sample of one request in 61: of few requests little is known.
    /// - Parameter count: Most keys of a table.
    /// - Returns: The keys of all tables.
    public func hotKeys(_ count: Int = 5) -> [HotKey] {
        catalog.tables.flatMap { table in
            table.hotKeys.top(count).filter { $0.share >= 0.01 }.compactMap { key in
                // Bytes that are no key would be a fault of `note`: a report of what is hot is nothing to fail for.
                (try? KeyCoding.decode(key.partition)).map {
                    HotKey(tableName: table.name, partitionKey: $0, share: key.share)
                }
            }
        }
    }

    /// What `hotKeys` said when the database was last closed.
    public var hotKeysOfLastLife: [HotKey] { catalog.hotKeys }
}
