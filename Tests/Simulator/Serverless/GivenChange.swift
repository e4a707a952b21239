internal import ShaleItems
internal import ShalePlatform
internal import ShaleTables
internal import ShaleWire

/// What a record of a stream says, as a function is given it.
struct GivenChange: Sendable, Equatable {
    var sequence: StreamSequence
    var key: String
    var event: String
    /// What a put or an update wrote: no two write the same.
    var number: Int?
    /// When it was written, in whole seconds since 1970-01-01 UTC.
    var seconds: Int64
}

extension GivenChange {
    init(_ record: ChangeRecord) {
        sequence = record.sequence
        key = Self.key(record.keys)
        event = record.event.rawValue
        number = record.newImage?["n"]?.numberValue?.intValue
        seconds = record.milliseconds / 1_000
    }

    /// Reads a record of an event.
    init(_ record: AttributeValue) throws(Failure) {
        let change = record.mapValue?["dynamodb"]?.mapValue
        guard let event = record.mapValue?["eventName"]?.stringValue,
            let text = change?["SequenceNumber"]?.stringValue, let place = StreamSequence(text),
            let keys = change?["Keys"]?.mapValue,
            let seconds = change?["ApproximateCreationDateTime"]?.numberValue?.intValue
        else { throw Failure("\(record) is no record of a stream") }
        sequence = place
        self.event = event
        self.seconds = Int64(seconds)
        key = Self.key(Item(keys.map { ($0.name, $0.value.mapValue?["S"] ?? .null) }))
        let written = change?["NewImage"]?.mapValue?["n"]?.mapValue?["N"]?.stringValue
        number = written.flatMap { Int($0) }
    }

    private static func key(_ keys: Item) -> String {
        "\(keys["p"]?.stringValue ?? "?")/\(keys["s"]?.stringValue ?? "?")"
    }
}

/// An event of a mapping.
struct GivenEvent: Sendable {
    var changes: [GivenChange]
    /// What the window has counted, where there is one.
    var window: Window?

    struct Window: Sendable {
        var shard: String
        /// "2026-11-29T17:00:00Z".
        var start: String
        var counted: [StreamSequence]
        var turn: Turn
    }

    /// How it stands in its window.
    enum Turn: Sendable {
        case batch
        case final
        case early
    }
}

extension GivenEvent {
    /// Reads what a function is given.
    init(_ payload: [UInt8]) throws {
        guard let event = try JSONReader.document(payload).mapValue,
            let records = event["Records"]?.listValue
        else { throw Failure("an event has no records") }
        var changes: [GivenChange] = []
        for record in records { changes.append(try GivenChange(record)) }
        self.changes = changes
        guard let start = event["window"]?.mapValue?["start"]?.stringValue else { return }
        guard let shard = event["shardId"]?.stringValue, let state = event["state"]?.mapValue,
            case .bool(let isFinal) = event["isFinalInvokeForWindow"],
            case .bool(let isEarly) = event["isWindowTerminatedEarly"]
        else { throw Failure("an event of a window lacks something") }
        var counted: [StreamSequence] = []
        for text in state["counted"]?.listValue ?? [] {
            guard let sequence = text.stringValue.flatMap({ StreamSequence($0) }) else {
                throw Failure("a state has counted \(text)")
            }
            counted.append(sequence)
        }
        let turn: Turn = isEarly ? .early : isFinal ? .final : .batch
        window = Window(shard: shard, start: start, counted: counted, turn: turn)
    }

    /// Whether all changes belong into the window, and one that ends it has none.
    func isInWindow(ofSeconds length: Int) -> Bool {
        guard let window, length > 0 else { return length == 0 && window == nil }
        let length = Int64(length)
        return changes.isEmpty == (window.turn != .batch)
            && changes.allSatisfy { change in
                let start = CivilDate(seconds: change.seconds - change.seconds % length)
                return window.start == start.isoText(milliseconds: 0).prefix(19) + "Z"
            }
    }
}
