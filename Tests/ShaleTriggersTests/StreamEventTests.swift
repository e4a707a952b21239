import ShaleItems
import ShaleWire
import Testing

@testable import ShaleTables
@testable import ShaleTriggers

/// What functions get of a change, and what filters see of it.
@Suite struct StreamEventTests {
    private static let place = "1000000000000000000065537"

    private static func record(
        _ event: ChangeRecord.Event,
        old: Item?,
        new: Item?,
        isExpiry: Bool = false
    ) throws -> ChangeRecord {
        ChangeRecord(
            sequence: try #require(StreamSequence(place)),
            milliseconds: 1_767_225_600_123,
            event: event,
            viewType: .newAndOldImages,
            keys: ["pk": "order#7"],
            newImage: new,
            oldImage: old,
            isExpiry: isExpiry
        )
    }

    private static func event(_ record: ChangeRecord) throws -> Item {
        let entry = RecordBatch.Entry(record, region: "us-east-1", source: "arn:stream")
        return try #require(try JSONReader.document(entry.json).mapValue)
    }

    @Test func `a key has the same lane in each process`() throws {
        let entries = try (0..<8).map { number in
            var record = try Self.record(.insert, old: nil, new: nil)
            record.keys = ["pk": .string("order#\(number)")]
            return RecordBatch.Entry(record, region: "us-east-1", source: "arn:stream")
        }
        let lanes = RecordBatch(entries: entries).lanes(3, batchSize: 10)
        let keys = lanes.map { lane in
            lane.flatMap(\.entries).compactMap { $0.record.keys["pk"]?.stringValue }
        }
        #expect(
            keys == [
                ["order#2", "order#4"],
                ["order#1", "order#5", "order#6", "order#7"],
                ["order#0", "order#3"],
            ]
        )
    }

    @Test func `a filter sees what the function gets, but for where it comes from`() throws {
        let item: Item = [
            "pk": "order#7", "price": 12.5, "paid": true, "none": .null, "list": [1, "a"],
            "map": ["deep": ["er": "x"]], "bytes": .binary([1, 2]), "set": .stringSet(["b", "a"]),
            "numbers": .numberSet([2, 1]),
        ]
        for record in [
            try Self.record(.insert, old: nil, new: item),
            try Self.record(.modify, old: item, new: ["pk": "order#7"]),
            try Self.record(.remove, old: item, new: nil, isExpiry: true),
        ] {
            var event = try Self.event(record)
            for name in ["eventID", "awsRegion", "eventSourceARN"] {
                #expect(event[name] != nil)
                event[name] = nil
            }
            // Bytes are text in JSON, and binary in a document of values.
            func withoutBytes(_ event: Item) -> Item {
                var (event, change) = (event, event["dynamodb"]?.mapValue ?? [:])
                for name in ["NewImage", "OldImage"] {
                    guard var image = change[name]?.mapValue else { continue }
                    image["bytes"] = nil
                    change[name] = .map(image)
                }
                event["dynamodb"] = .map(change)
                return event
            }
            let seen = try #require(record.document.mapValue)
            #expect(withoutBytes(event) == withoutBytes(seen))
        }
    }

    @Test func `who deleted an item that expired is told in the letters of functions`() throws {
        let expired = try Self.record(.remove, old: nil, new: nil, isExpiry: true)
        let identity: AttributeValue = [
            "type": "Service", "principalId": "dynamodb.amazonaws.com",
        ]
        #expect(try Self.event(expired)["userIdentity"] == identity)
        let pattern =
            #"{"userIdentity": {"type": ["Service"], "principalId": ["dynamodb.amazonaws.com"]}}"#
        #expect(try EventPattern(Array(pattern.utf8)).matches(expired.document))
        let deleted = try Self.record(.remove, old: nil, new: nil)
        #expect(try !EventPattern(Array(pattern.utf8)).matches(deleted.document))
        // Readers of the stream are told in those of the stream's own API.
        var writer = JSONWriter(reservingCapacity: 1_024)
        writer.changeRecord(expired, region: "us-east-1")
        let read = try JSONReader.document(writer.bytes).mapValue
        #expect(
            read?["userIdentity"] == ["Type": "Service", "PrincipalId": "dynamodb.amazonaws.com"]
        )
    }
}
