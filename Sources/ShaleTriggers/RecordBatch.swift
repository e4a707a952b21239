internal import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// Records of one shard, in their order, with the JSON that functions get of each.
struct RecordBatch: Sendable {
    /// Bytes of records that one invocation brings, at most: the service's 6 MB, with room for what is around them.
    static let payloadBytes = 6_000_000

    struct Entry: Sendable {
        var record: ChangeRecord
        var json: [UInt8]

        init(_ record: ChangeRecord, region: String, source: String) {
            self.record = record
            var writer = JSONWriter(reservingCapacity: 1_024)
            writer.changeRecord(record, region: region, source: source)
            json = writer.bytes
        }
    }

    var entries: [Entry]

    /// The batches of lanes: those of one key in one lane, and no batch larger than it may be.
    func lanes(_ count: Int, batchSize: Int) -> [[RecordBatch]] {
        var lanes = [[Entry]](repeating: [], count: max(1, count))
        for entry in entries {
            let lane = lanes.count == 1 ? 0 : Self.lane(of: entry.record.keys, lanes.count)
            lanes[lane].append(entry)
        }
        return lanes.filter { !$0.isEmpty }.map { Self.batches($0, batchSize) }
    }

    /// The lane of a key, the same in every process: from the bytes of its JSON (FNV-1a, folded).
    private static func lane(of keys: Item, _ count: Int) -> Int {
        var writer = JSONWriter()
        writer.item(keys)
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in writer.bytes { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return Int((hash ^ hash >> 32) % UInt64(count))
    }

    private static func batches(_ entries: [Entry], _ batchSize: Int) -> [RecordBatch] {
        var batches: [RecordBatch] = []
        var batch = RecordBatch(entries: [])
        var bytes = 0
        for entry in entries {
            let isFull =
                batch.entries.count == batchSize || bytes + entry.json.count > payloadBytes
            if isFull, !batch.entries.isEmpty {
                batches.append(batch)
                batch.entries = []
                bytes = 0
            }
            batch.entries.append(entry)
            bytes += entry.json.count + 1
        }
        batches.append(batch)
        return batches
    }

    /// The first records, as many as one invocation brings.
    func cut(_ batchSize: Int) -> RecordBatch {
        entries.isEmpty ? self : Self.batches(entries, batchSize)[0]
    }

    /// The event of some of the records, with members behind them.
    func payload(_ range: Range<Int>, _ members: [UInt8] = []) -> [UInt8] {
        var payload = Array(#"{"Records":["#.utf8)
        for (number, entry) in entries[range].enumerated() {
            if number > 0 { payload.append(UInt8(ascii: ",")) }
            payload += entry.json
        }
        payload += "]".utf8
        if !members.isEmpty { payload += Array(",".utf8) + members }
        payload += "}".utf8
        return payload
    }

    /// What a function that says which records went wrong has answered.
    ///
    /// An answer that is not of that form is a failure of all, as the service takes it.
    func answer(_ payload: [UInt8], _ range: Range<Int>) -> BatchProgress.Answer {
        // What is no JSON is not of that form.
        guard let document = try? JSONReader.document(payload) else { return .failed }
        guard case .map(let map) = document else { return document == .null ? .done : .failed }
        guard let failures = map["batchItemFailures"], failures != .null else { return .done }
        guard let list = failures.listValue else { return .failed }
        var lowest: Int?
        for failure in list {
            let identifier = failure.mapValue?["itemIdentifier"]?.stringValue
            guard let sequence = identifier.flatMap({ StreamSequence($0) }),
                let place = range.first(where: { entries[$0].record.sequence == sequence })
            else { return .failed }
            lowest = min(lowest ?? place, place)
        }
        return lowest.map { .failedAt($0) } ?? .done
    }
}
