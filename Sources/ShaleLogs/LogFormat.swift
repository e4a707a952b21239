internal import ShaleItems
internal import ShaleTables

/// How logs stand in system tables.
///
///     table         attribute  type  what
///     $log-groups   kind       S     partition key: "group"
///                   name       S     sort key
///                   created    N     milliseconds since 1970-01-01 UTC
///                   retention  N     days; absent is for ever
///                   tags       M     texts by name
///     $log-streams  group      S     partition key
///                   name       S     sort key
///                   created    N
///                   first      N     time of the earliest line; absent where there was none
///                   last       N     time of the latest line
///                   ingested   N     when a line was last written
///                   next       N     sequence of the next line
///                   bytes      N     of all lines, each counted with 26 more
///     $log-lines    stream     S     partition key: the group, NUL, the stream
///                   place      S     sort key: time in milliseconds, 20 digits; sequence, 10 digits
///                   text       S
///                   ingested   N
///
/// A stream's new sequence is written before the lines that it counts, so no place is given twice.
enum LogFormat {
    static let groupsTable = "$log-groups"
    static let streamsTable = "$log-streams"
    static let linesTable = "$log-lines"
    static let groupsKey = key("kind", "name")
    static let streamsKey = key("group", "name")
    static let linesKey = key("stream", "place")
    static let groupsPartition: AttributeValue = "group"

    private static func key(_ partition: String, _ sort: String) -> KeySchema {
        KeySchema(
            partition: KeySchema.Attribute(partition, .string),
            sort: KeySchema.Attribute(sort, .string)
        )
    }

    static func key(group: String) -> Item {
        ["kind": groupsPartition, "name": .string(group)]
    }

    static func key(stream: String, in group: String) -> Item {
        ["group": .string(group), "name": .string(stream)]
    }

    static func lines(of stream: String, in group: String) -> AttributeValue {
        .string("\(group)\0\(stream)")
    }

    static func number(_ name: String, _ item: Item) -> Int64? {
        item[name]?.numberValue?.intValue.map(Int64.init)
    }

    static func padded(_ number: Int64, _ digits: Int) -> String {
        let text = String(max(0, number))
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }
}

extension LogGroup {
    var item: Item {
        var item = LogFormat.key(group: name)
        item["created"] = .number(Number(createdMilliseconds))
        if let retentionDays { item["retention"] = .number(Number(retentionDays)) }
        if !tags.isEmpty {
            let stored = tags.map { ($0.key, AttributeValue.string($0.value)) }
            item["tags"] = .map(AttributeMap(stored))
        }
        return item
    }

    init?(_ item: Item) {
        guard let name = item["name"]?.stringValue,
            let created = LogFormat.number("created", item)
        else { return nil }
        self.init(name: name, createdMilliseconds: created)
        retentionDays = LogFormat.number("retention", item).map { Int($0) }
        guard case .map(let stored)? = item["tags"] else { return }
        for tag in stored { tags[tag.name] = tag.value.stringValue }
    }
}

extension LogStream {
    var item: Item {
        var item = LogFormat.key(stream: name, in: group)
        item["created"] = .number(Number(createdMilliseconds))
        item["next"] = .number(Number(nextSequence))
        item["bytes"] = .number(Number(storedBytes))
        if let firstMilliseconds { item["first"] = .number(Number(firstMilliseconds)) }
        if let lastMilliseconds { item["last"] = .number(Number(lastMilliseconds)) }
        if let ingestedMilliseconds { item["ingested"] = .number(Number(ingestedMilliseconds)) }
        return item
    }

    init?(_ item: Item) {
        guard let group = item["group"]?.stringValue, let name = item["name"]?.stringValue,
            let created = LogFormat.number("created", item)
        else { return nil }
        self.init(group: group, name: name, createdMilliseconds: created)
        nextSequence = LogFormat.number("next", item) ?? 0
        storedBytes = LogFormat.number("bytes", item) ?? 0
        firstMilliseconds = LogFormat.number("first", item)
        lastMilliseconds = LogFormat.number("last", item)
        ingestedMilliseconds = LogFormat.number("ingested", item)
    }
}

extension LogLine {
    func item(in group: String) -> Item {
        [
            "stream": LogFormat.lines(of: stream, in: group), "place": .string(place.text),
            "text": .string(text), "ingested": .number(Number(ingestedMilliseconds)),
        ]
    }

    init?(_ item: Item, of stream: String) {
        guard let place = item["place"]?.stringValue.flatMap({ LogPlace($0) }),
            let text = item["text"]?.stringValue,
            let ingested = LogFormat.number("ingested", item)
        else { return nil }
        self.init(stream: stream, place: place, text: text, ingestedMilliseconds: ingested)
    }
}
