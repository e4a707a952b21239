internal import ShaleItems
internal import ShaleTables

extension ChangeRecord {
    /// The record as filters see it: its JSON as values.
    var document: AttributeValue {
        var change: Item = [
            "Keys": Self.document(keys), "SequenceNumber": .string(sequence.description),
            "SizeBytes": .number(Number(sizeBytes)),
            "StreamViewType": .string(viewType.rawValue),
            "ApproximateCreationDateTime": .number(Number(milliseconds / 1_000)),
        ]
        if let newImage { change["NewImage"] = Self.document(newImage) }
        if let oldImage { change["OldImage"] = Self.document(oldImage) }
        var event: Item = [
            "eventName": .string(event.rawValue), "eventSource": "aws:dynamodb",
            "eventVersion": "1.1", "dynamodb": .map(change),
        ]
        if isExpiry {
            event["userIdentity"] = [
                "principalId": "dynamodb.amazonaws.com", "type": "Service",
            ]
        }
        return .map(event)
    }

    private static func document(_ item: Item) -> AttributeValue {
        .map(Item(item.map { ($0.name, document($0.value)) }))
    }

    /// `{"N": "7"}` and its like.
    private static func document(_ value: AttributeValue) -> AttributeValue {
        switch value {
        case .string: ["S": value]
        case .number(let number): ["N": .string("\(number)")]
        case .binary: ["B": value]
        case .bool: ["BOOL": value]
        case .null: ["NULL": true]
        case .list(let list): ["L": .list(list.map(document))]
        case .map(let map): ["M": document(map)]
        case .stringSet(let texts): ["SS": .list(texts.map(AttributeValue.string))]
        case .numberSet(let numbers): ["NS": .list(numbers.map { .string("\($0)") })]
        case .binarySet(let blobs): ["BS": .list(blobs.map(AttributeValue.binary))]
        }
    }
}
