internal import ShaleItems
internal import ShaleJSON
internal import ShaleStates
internal import ShaleTables

/// Executions as items of system tables.
///
///     $executions       partition key  execution  S   MACHINE:NAME
///                       sort key       what       S   execution               the record (ExecutionRecord)
///                                                     input                   text: S, where it is not in the record
///                                                     output                  text: S, where it is not in the record
///                                                     state#000000            bytes: B, a piece of a state that is not in the record
///                                                     history#000000000001    bytes: B, events from this one on
///                                                     work#000000000001       a task that is under way (OpenTask)
///     $execution-list   partition key  machine    S   the machine's name # its identity, or the ARN of a Map run; the name
///                                                     alone where the machine is older than identities
///                       sort key       place      S   start in milliseconds (20 digits) # name
///     $execution-work   partition key  share      S   00 to 15
///                       sort key       execution  S   MACHINE:NAME of one that has work under way
///
/// A step of an execution is one record of the log. What waits for a time or for a worker is in no list: it costs its
/// items and nothing else.
package struct ExecutionStore: Sendable {
    static let partitionName = "execution"
    static let sortName = "what"
    /// The sort key of the record.
    static let recordName = "execution"
    /// Bytes of a piece of a state or a history: an item has at most 400 KB.
    static let pieceBytes = 262_144
    /// How many bytes a state may have: with the history of a turn it stands in one record of the log, which has at most
    /// 192 MiB.
    package static let stateLimitBytes = 134_217_728
    /// As many bytes has an event of little data.
    private static let eventBytes = 256
    private static let shares = 16

    let executions: SystemTable
    let list: SystemTable
    let work: SystemTable
    let marks: SystemTable
    let mapRuns: SystemTable

    init(_ database: Database) async throws(DatabaseError) {
        func key(_ partition: String, _ sort: String) -> KeySchema {
            KeySchema(
                partition: KeySchema.Attribute(partition, .string),
                sort: KeySchema.Attribute(sort, .string)
            )
        }
        executions = try await database.systemTable("$executions", key: key("execution", "what"))
        list = try await database.systemTable("$execution-list", key: key("machine", "place"))
        mapRuns = try await database.systemTable("$map-runs", key: key("of", "run"))
        marks = try await WriteMark.table(database)
        work = try await database.systemTable("$execution-work", key: key("share", "execution"))
    }

    static func key(_ execution: String, _ what: String) -> Item {
        [partitionName: .string(execution), sortName: .string(what)]
    }

    static func padded(_ number: some BinaryInteger, _ digits: Int) -> String {
        let text = String(number)
        return String(repeating: "0", count: max(0, digits - text.utf8.count)) + text
    }

    // MARK: Reading

    func record(_ execution: String) async throws(DatabaseError) -> ExecutionRecord? {
        guard let item = try await executions.item(Self.key(execution, Self.recordName)),
            var record = ExecutionRecord(item)
        else { return nil }
        if item["input"] == nil { record.input = try await text("input", of: execution) ?? "" }
        return record
    }

    /// What an execution succeeded with; nil where there is none.
    func output(of record: ExecutionRecord) async throws(DatabaseError) -> String? {
        guard record.status == .succeeded else { return nil }
        if let output = record.output { return output }
        return try await text("output", of: record.key.text)
    }

    /// An `input` or an `output` that is an item of its own.
    private func text(_ what: String, of execution: String) async throws(DatabaseError) -> String? {
        try await executions.item(Self.key(execution, what))?["text"]?.stringValue
    }

    /// The bytes of an execution's state.
    func state(of record: ExecutionRecord) async throws(DatabaseError) -> [UInt8] {
        if let state = record.state { return state }
        return try await executions.items(
            of: .string(record.key.text),
            in: (from: .string("state#"), to: .string("state$"))
        ).flatMap { $0["bytes"]?.binaryValue ?? [] }
    }

    // MARK: Writing

    func put(_ record: ExecutionRecord, in writes: inout SystemWrites) {
        writes.put(record.written(), in: executions)
    }

    /// Puts an `input` or an `output` that is too large for the record.
    func put(
        _ text: String,
        _ what: String,
        of key: ExecutionKey,
        in writes: inout SystemWrites
    ) {
        var item = Self.key(key.text, what)
        item["text"] = .string(text)
        writes.put(item, in: executions)
    }

    /// Puts a state into the record or, a large one, in pieces; deletes those of the one before that are too many.
    func put(_ state: [UInt8], of record: inout ExecutionRecord, in writes: inout SystemWrites) {
        let isSmall = state.count <= ExecutionRecord.smallStateBytes
        record.state = isSmall ? state : nil
        guard !isSmall else { return dropPieces(from: 0, of: &record, in: &writes) }
        var count = 0
        for start in stride(from: 0, to: state.count, by: Self.pieceBytes) {
            var item = Self.key(record.key.text, "state#" + Self.padded(count, 6))
            item["bytes"] = .binary(Array(state[start..<min(start + Self.pieceBytes, state.count)]))
            writes.put(item, in: executions)
            count += 1
        }
        dropPieces(from: count, of: &record, in: &writes)
    }

    private func dropPieces(
        from count: Int,
        of record: inout ExecutionRecord,
        in writes: inout SystemWrites
    ) {
        for piece in count..<max(count, record.statePieces) {
            let key = Self.key(record.key.text, "state#" + Self.padded(piece, 6))
            writes.delete(key, from: executions)
        }
        record.statePieces = count
    }

    /// Puts events in items of as many as fit; one that fits in none goes in pieces.
    func put(
        _ events: [HistoryEvent],
        of key: ExecutionKey,
        in writes: inout SystemWrites
    ) {
        for (first, bytes) in Self.pieces(events) {
            var item = ItemWriter(reservingCapacity: bytes.count + Self.eventBytes)
            item.set("bytes", bytes)
            item.set(Self.partitionName, key.text)
            item.set(Self.sortName, "history#" + first)
            writes.put(item.finished(), in: executions)
        }
    }

    /// Events as JSON, each with a line end behind it.
    private static func pieces(_ events: [HistoryEvent]) -> [(first: String, bytes: [UInt8])] {
        var pieces: [(first: String, bytes: [UInt8])] = []
        var bytes: [UInt8] = []
        bytes.reserveCapacity(eventBytes)
        var time: (milliseconds: Int64, text: [UInt8])?
        for event in events {
            bytes.removeAll(keepingCapacity: true)
            if time?.milliseconds != event.timestamp {
                var text: [UInt8] = []
                JSONValue.writeSeconds(milliseconds: event.timestamp, to: &text)
                time = (event.timestamp, text)
            }
            event.write(to: &bytes, time: time?.text ?? [])
            bytes.append(0x0A)
            if let last = pieces.indices.last, pieces[last].bytes.count + bytes.count <= pieceBytes
            {
                pieces[last].bytes += bytes
                continue
            }
            let number = padded(event.id, 12)
            // Pieces behind the first of one event stand behind it and before the next.
            for (place, start) in stride(from: 0, to: bytes.count, by: pieceBytes).enumerated() {
                let end = min(start + pieceBytes, bytes.count)
                let name = place == 0 ? number : number + "#" + padded(place, 4)
                var piece = Array(bytes[start..<end])
                piece.reserveCapacity(min(events.count * eventBytes, pieceBytes))
                pieces.append((name, piece))
            }
        }
        return pieces
    }

    /// Puts the entry by which an execution is listed.
    func putEntry(_ record: ExecutionRecord, in writes: inout SystemWrites) {
        var item = ItemWriter()
        item.set("alias", record.aliasARN)
        item.set("execution", record.key.text)
        if record.key.isExpress { item.set("express", true) }
        item.set("items", record.itemCount == 1 ? nil : Int64(record.itemCount))
        item.set("machine", Self.entryPartition(record))
        item.set("place", Self.entryPlace(record))
        item.set("redriven", record.redriven)
        item.set("redrives", record.redriven.map { _ in Int64(record.redrives) })
        // Which definition it needs, for as long as it is listed.
        item.set("revision", record.revision)
        item.set("status", record.status.rawValue)
        item.set("stop", record.stop)
        item.set("version", record.versionARN)
        writes.put(item.finished(), in: list)
    }

    private static func entryPartition(_ record: ExecutionRecord) -> String {
        record.mapRunARN ?? record.machineGroup
    }

    private static func entryPlace(_ record: ExecutionRecord) -> String {
        padded(record.start, 20) + "#" + record.key.name
    }

    static func entryKey(_ record: ExecutionRecord) -> Item {
        [
            "machine": .string(entryPartition(record)), "place": .string(entryPlace(record)),
        ]
    }

    // MARK: Work

    private static func workKey(_ execution: String) -> Item {
        let share = execution.utf8.reduce(0) { ($0 &* 31 &+ Int($1)) & 0xFFFF } % shares
        return ["share": .string(padded(share, 2)), "execution": .string(execution)]
    }

    /// Notes that an execution has work under way, or that it has none.
    func put(hasWork: Bool, of execution: String, in writes: inout SystemWrites) {
        if hasWork {
            writes.put(Self.workKey(execution), in: work)
        } else {
            writes.delete(Self.workKey(execution), from: work)
        }
    }

    /// The executions that had work under way when the database was last open, and what was to be stopped (`DueStop`).
    func executionsWithWork() async throws(DatabaseError) -> [String] {
        var found: [String] = []
        for share in 0..<Self.shares {
            found += try await work.items(of: .string(Self.padded(share, 2)))
                .compactMap { $0["execution"]?.stringValue }
        }
        return found
    }
}
