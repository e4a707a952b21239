internal import ShaleTables
internal import ShaleWire

/// What streams and tokens are stored and named as: the first byte says what the others are.
enum StreamTarget {
    static func run(_ bytes: [UInt8]) {
        guard let kind = bytes.first else { return }
        let rest = Array(bytes.dropFirst())
        switch kind % 4 {
        case 0: StreamProbe.record(rest)
        case 1: StreamProbe.iterator(rest)
        case 2: StreamProbe.token(rest)
        default:
            let text = String(decoding: rest, as: UTF8.self)
            StreamProbe.names(text)
            if let moment = StreamLabel.milliseconds(text) {
                precondition(
                    StreamLabel.text(milliseconds: moment) == text,
                    "a label is one moment"
                )
            }
        }
    }

    /// A record, an iterator, a mark, and names.
    static let seeds: [[UInt8]] = {
        let item: [UInt8] = [0]
        let header: [UInt8] = [1, 2, 3, 4, 0, 0, 0, 0, 0, 0, 0, 0]
        let words = (0..<32).map { UInt8(truncatingIfNeeded: $0) }
        let texts = [
            "shardId-00000001764100000000-00000003", "1000000000000000000065537",
            "2026-11-25T20:00:00.123",
        ]
        return [
            [0] + header + [1] + item + [1] + item + [1] + item,
            [1, 1] + words + [5] + Array("Songs".utf8),
            [2, 1] + words.prefix(24),
        ] + texts.map { [3] + Array($0.utf8) }
    }()
}
