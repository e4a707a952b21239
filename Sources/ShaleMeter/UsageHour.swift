internal import ShaleItems
package import ShaleTables

/// What one table, index or function used within one hour.
///
/// It stands in the system table `$usage` so:
///
///     attribute    type  what
///     day          N     partition key: days since 1970-01-01 UTC
///     place        S     sort key: hour of the day, two digits; a space; the table's name; "/" and the index's name, if it is one;
///                        of a function "function:" and its name, which no table has
///     reads        N     read units, in halves
///     writes       N     write units, in halves
///     streamReads  N     calls that read the stream
///     cacheHits    N     items that the cache had
///     byteSeconds  N     bytes of items, times the seconds that they were there
///     backups      N     the same of on-demand backups
///     peakReads    N     the most read units, in halves, of a second on average between two foldings, but over a minute at least
///     peakWrites   N     the same of writes
///     requests     N     invocations of a function
///     megabyteMs   N     their billed milliseconds, times megabytes of memory
///
/// An attribute that is zero is left out.
package struct UsageHour: Sendable, Equatable {
    /// Days since 1970-01-01 UTC.
    package var day: Int64
    /// Of the day, from 0 to 23.
    package var hour: Int
    /// The table.
    package var tableName: String
    /// The index; nil is the table itself.
    package var indexName: String?
    /// What was used.
    package var count = UsageCount()
    /// Bytes times seconds.
    package var byteSeconds = 0
    /// Bytes of on-demand backups times seconds.
    package var backupByteSeconds = 0
    /// The busiest time between two foldings, a minute at least, in halves of units a second.
    package var peakReadHalves = 0
    /// The same of writes.
    package var peakWriteHalves = 0

    /// Invocations of a function.
    package var requests = 0
    /// Their billed milliseconds times megabytes of memory.
    package var megabyteMilliseconds = 0

    static let functionMark = "function:"
    /// The function that it is of; nil where it is of a table or an index.
    package var functionName: String? {
        guard tableName.hasPrefix(Self.functionMark) else { return nil }
        return String(tableName.dropFirst(Self.functionMark.count))
    }

    /// Nothing yet.
    package init(day: Int64, hour: Int, tableName: String, indexName: String? = nil) {
        self.day = day
        self.hour = hour
        self.tableName = tableName
        self.indexName = indexName
    }

    /// The key of the system table.
    static let key = KeySchema(
        partition: KeySchema.Attribute("day", .number),
        sort: KeySchema.Attribute("place", .string)
    )
    /// The name of the system table.
    static let tableName = "$usage"

    private var place: String {
        let hour = hour < 10 ? "0\(hour)" : "\(hour)"
        return "\(hour) \(tableName)" + (indexName.map { "/\($0)" } ?? "")
    }

    /// Where it is in the system table.
    var primaryKey: Item { ["day": .number(Number(day)), "place": .string(place)] }

    /// The shortest time of which a peak is an average: foldings are a minute apart, but for the last of a server.
    private static let peakMilliseconds: Int64 = 60_000

    /// Adds what was used in some seconds of it.
    mutating func add(_ used: UsageCount, sizeBytes: Int, backupBytes: Int, milliseconds: Int64) {
        count = count + used
        byteSeconds += Self.product(sizeBytes, milliseconds)
        backupByteSeconds += Self.product(backupBytes, milliseconds)
        let seconds = Double(max(milliseconds, Self.peakMilliseconds)) / 1000
        peakReadHalves = max(peakReadHalves, Int((Double(used.readHalves) / seconds).rounded(.up)))
        peakWriteHalves = max(
            peakWriteHalves,
            Int((Double(used.writeHalves) / seconds).rounded(.up))
        )
    }

    private static func product(_ bytes: Int, _ milliseconds: Int64) -> Int {
        Int(Double(bytes) * Double(milliseconds) / 1000)
    }

    // MARK: Items

    private static var numbers: [(name: String, path: WritableKeyPath<UsageHour, Int>)] {
        [
            ("reads", \.count.readHalves), ("writes", \.count.writeHalves),
            ("streamReads", \.count.streamReads), ("cacheHits", \.count.cacheHits),
            ("byteSeconds", \.byteSeconds), ("backups", \.backupByteSeconds),
            ("requests", \.requests), ("megabyteMs", \.megabyteMilliseconds),
            ("peakReads", \.peakReadHalves), ("peakWrites", \.peakWriteHalves),
        ]
    }

    /// As it is stored.
    var item: Item {
        var item = primaryKey
        for (name, path) in Self.numbers where self[keyPath: path] != 0 {
            item[name] = .number(Number(self[keyPath: path]))
        }
        return item
    }

    /// Reads what is stored; nil where it is none.
    init?(_ item: Item) {
        guard let day = item["day"]?.numberValue?.intValue,
            case .string(let place)? = item["place"], let hour = Int(place.prefix(2)),
            (0..<24).contains(hour), place.dropFirst(2).first == " "
        else { return nil }
        let names = place.dropFirst(3).split(separator: "/", maxSplits: 1)
        guard let table = names.first else { return nil }
        self.init(
            day: Int64(day),
            hour: hour,
            tableName: String(table),
            indexName: names.count > 1 ? String(names[1]) : nil
        )
        for (name, path) in Self.numbers {
            guard let value = item[name] else { continue }
            guard let number = value.numberValue?.intValue, number >= 0 else { return nil }
            self[keyPath: path] = number
        }
    }
}
