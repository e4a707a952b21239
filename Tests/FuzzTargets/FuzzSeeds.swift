internal import ShaleItems

/// What each target is begun with: something valid, so that changes of it come far.
extension FuzzTarget {
    /// Valid inputs and such as are nearly so.
    public var seeds: [[UInt8]] {
        switch self {
        case .batch:
            [
                [1, 1, 1, 3, 1, 2, 3, 2, 9, 9], [2, 1, 2, 1, 5, 1, 1, 1, 6, 0], [0],
                [1, 5, 3, 11, 0, 0, 0, 0, 0, 0, 0, 1, 0, 1, 7, 2, 8, 8],
            ]
        case .recordHeader:
            [
                [UInt8](repeating: 0, count: 48),
                (0..<48).map { [16: 1, 20: 1, 12: 5][$0] ?? 0 },
                (0..<48).map { [16: 3, 17: 1, 12: 16][$0] ?? UInt8($0) },
            ]
        case .segmentBody, .segmentPage, .file:
            [[UInt8](repeating: 0, count: 100)] + Self.magics.map { [0] + $0 }
                + Self.magics.enumerated().map { [UInt8($0)] + $1 + [1, 0, 0, 0] }
        case .manifest: Self.edits
        case .dataBlock, .indexPiece, .otherPieces: Self.pieces
        case .notes:
            [
                Array("shale durations 1\na 1 5 5 0:1\nb 0 0 0\nc 0 0 0\nd 0 0 0\ne 0 0 0\n".utf8),
                Array("shale scrub 1\nchecked 1 passes 2 damaged 0 file 3 offset 4 last 5\n".utf8),
            ]
        case .lz4: [[4, 0, 0x40, 1, 2, 3, 4], [20, 0, 0x1F, 7, 1, 0, 0, 0x50, 1, 2, 3, 4, 5]]
        case .item, .catalog: Self.items
        case .key: Self.keys
        case .number:
            ["0", "-1", "1.5e10", "0.00001", "9.9999999999999999999999999999999999999E+125"]
                .map { Array($0.utf8) }
        case .expression: Self.expressions
        case .json: Self.bodies.map { Array($0.utf8) }
        case .request: Self.requests
        case .http: Self.httpRequests
        case .signature: Self.signatures
        case .policy: Self.policies
        case .stream: StreamTarget.seeds
        case .statement: Self.statements
        }
    }

    private static var magics: [[UInt8]] {
        ["SHALELOG", "SHALEMAN", "SHALERUN", "SHALEBLB", "SHALEEND", "SHALEBND"].map {
            Array($0.utf8)
        }
    }

    private static var edits: [[UInt8]] {
        let number: [UInt8] = [1, 0, 0, 0, 0, 0, 0, 0]
        let partition = number + number + [0, 0] + number + [0]
        return [
            [1, 0, 16] + number + number,
            [1, 0, 16] + number + number + [3, 0, UInt8(partition.count)] + partition,
            [12, 0, 8] + number + [13, 0, 8] + number + [14, 0, 0],
            [5, 0, 36] + number + number + number + number + [1, 2, 3, 4],
            [7, 0, 36] + [1, 0, 0, 0] + number + number + number + number,
            [9, 0, 16] + number + number, [200, 1, 2, 0, 0],
            [11, 0, 36] + number + number + number,
        ]
    }

    private static var pieces: [[UInt8]] {
        [
            [UInt8](repeating: 0, count: 64) + [6],
            [1, 0, 0, 0, 0, 0, 0, 0],
            [0, 0, 1, 0] + [UInt8](repeating: 0, count: 60),
            [1, 0, 0, 0, 16, 0, 0, 0], [0, 0, 0, 0],
            (0..<120).map { UInt8($0 % 5) },
        ]
    }

    private static var items: [[UInt8]] {
        let items: [Item] = [
            [:], ["a": .string("text"), "n": .number(12)],
            ["l": .list([.null, .bool(true), .binary([1, 2])]), "m": .map(["x": .number(-1)])],
            [
                "s": .stringSet(["a", "b"]), "ns": .numberSet([1, 2]),
                "bs": .binarySet([[1], [2]]),
            ],
            [
                "version": .number(1), "name": .string("T"), "id": .string("i"),
                "created": .number(5), "engineTable": .number(2),
                "attributes": .list([.list([.string("p"), .string("S")])]),
                "key": .list([.string("p")]), "indexes": .list([]),
                "billing": .string("PROVISIONED"), "throughput": .list([.number(1), .number(1)]),
                "protected": .bool(false), "tally": .list([.number(0), .number(0)]),
            ],
        ]
        return items.compactMap { try? ItemEncoder.encode($0) }
    }

    private static var keys: [[UInt8]] {
        let values: [AttributeValue] = [
            .string("abc"), .string("\0\u{1}"), .number(0), .number(-15), .number(1.25),
            .binary([0, 1, 0xFF]),
        ]
        return values.compactMap { try? KeyCoding.encode($0) }
    }
}
