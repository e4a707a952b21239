internal import OrderedCollections
internal import ShaleEngine
internal import ShaleItems
package import ShaleJSON
internal import ShaleStates
internal import ShaleTables

// What users ask about executions.

extension Executions {
    /// Describes an execution.
    ///
    /// - Throws: `.executionDoesNotExist`, `.invalidArn`, `.failed`.
    package func describe(_ arn: String) async throws(StatesError) -> ExecutionDescription {
        let key = try key(arn)
        guard let record = try await record(key.text), record.key.isExpress == key.isExpress else {
            throw StatesError(.executionDoesNotExist, "Execution Does Not Exist: '\(arn)'")
        }
        return try await description(of: record)
    }

    func description(
        of record: ExecutionRecord
    ) async throws(StatesError) -> ExecutionDescription {
        ExecutionDescription(
            arn: arn(record.key),
            name: record.key.givenName,
            machineARN: record.machineARN,
            versionARN: record.versionARN,
            aliasARN: record.aliasARN,
            mapRunARN: record.mapRunARN,
            status: record.status,
            startMilliseconds: record.start,
            stopMilliseconds: record.stop,
            input: record.input,
            output: try await output(of: record),
            error: record.error,
            cause: record.cause,
            traceHeader: record.traceHeader,
            redriveCount: record.redrives,
            redriveMilliseconds: record.redriven,
            redriveObstacle: Self.obstacle(to: record, at: now),
            revision: record.revision
        )
    }

    /// Entries that one call looks at, at most, where a status is asked for.
    private static let listLimit = 10_000

    /// The executions of a state machine or of a Map run (by its ARN), the latest first.
    ///
    /// - Parameters:
    ///   - group: The machine's `group`, or the Map run's ARN.
    ///   - filter: Which are wanted.
    ///   - limit: The most of them.
    ///   - place: Where the page before ended.
    /// - Returns: A page, and where the next begins.
    /// - Throws: `.failed`.
    package func list(
        _ group: String,
        where filter: (ExecutionListing) -> Bool,
        limit: Int,
        after place: String? = nil
    ) async throws(StatesError) -> (page: [ExecutionListing], next: String?) {
        var page: [ExecutionListing] = []
        var end = place
        var seen = 0
        while page.count < limit, seen < Self.listLimit {
            let step = min(1_000, max(100, limit - page.count))
            let last = end
            let items = try await stored { () async throws(DatabaseError) in
                try await self.store.list.items(
                    of: .string(group),
                    in: (from: nil, to: last.map { .string($0) }),
                    limit: step,
                    .descending
                )
            }
            for item in items {
                guard page.count < limit else { return (page, end) }
                end = item["place"]?.stringValue
                if let listing = listing(item), filter(listing) { page.append(listing) }
            }
            seen += items.count
            if items.count < step { return (page, nil) }
        }
        return (page, end)
    }

    private func listing(_ item: Item) -> ExecutionListing? {
        func number(_ name: String) -> Int64? {
            item[name]?.numberValue?.intValue.map { Int64($0) }
        }
        guard let text = item["execution"]?.stringValue,
            let key = ExecutionKey(text: text, isExpress: item["express"] == true),
            let status = item["status"]?.stringValue.flatMap({ ExecutionStatus(rawValue: $0) }),
            let start = item["place"]?.stringValue.flatMap({ Int64($0.prefix(20)) })
        else { return nil }
        return ExecutionListing(
            arn: arn(key),
            name: key.givenName,
            status: status,
            startMilliseconds: start,
            stopMilliseconds: number("stop"),
            versionARN: item["version"]?.stringValue,
            aliasARN: item["alias"]?.stringValue,
            redriveCount: Int(number("redrives") ?? 0),
            redriveMilliseconds: number("redriven"),
            itemCount: Int(number("items") ?? 1),
            isExpress: key.isExpress
        )
    }

    /// Whether an execution that is kept runs a revision of a machine (by its `group`).
    ///
    /// - Throws: `.failed`.
    /// - Complexity: linear in the executions of the machine.
    package func uses(_ group: String, _ revision: String) async throws(StatesError) -> Bool {
        var last: String?
        while true {
            let from = last.map { AttributeValue.string($0 + "\u{0}") }
            let items = try await stored { () async throws(DatabaseError) in
                try await self.store.list.items(
                    of: .string(group),
                    in: (from: from, to: nil),
                    limit: 1_000
                )
            }
            // An entry that does not say may be of any.
            if items.contains(where: { ($0["revision"]?.stringValue ?? revision) == revision }) {
                return true
            }
            guard items.count == 1_000 else { return false }
            last = items.last?["place"]?.stringValue
        }
    }

    // MARK: History

    /// Events of an execution.
    ///
    /// - Parameters:
    ///   - arn: The execution.
    ///   - isReversed: Whether the latest comes first.
    ///   - limit: The most events.
    ///   - start: The first event that is wanted; nil is the end from which is read.
    ///   - includesData: Whether inputs and outputs are told.
    /// - Returns: Events as the service tells them, and the one with which the next page begins.
    /// - Throws: `.executionDoesNotExist`, `.invalidArn`, `.failed`.
    package func history(
        _ arn: String,
        isReversed: Bool = false,
        limit: Int = 100,
        from start: Int? = nil,
        includesData: Bool = true
    ) async throws(StatesError) -> (events: [JSONValue], next: Int?) {
        let key = try key(arn)
        guard !key.isExpress, let record = try await record(key.text) else {
            throw StatesError(.executionDoesNotExist, "Execution Does Not Exist: '\(arn)'")
        }
        let count = try await load(record.key.text, peeking: true).state.eventCount
        let first: Int
        let last: Int
        if isReversed {
            last = min(start ?? count, count)
            first = max(1, last - limit + 1)
        } else {
            first = max(1, start ?? 1)
            last = min(count, first + limit - 1)
        }
        guard first <= last else { return ([], nil) }
        var events = try await events(of: key, first...last)
        if !includesData { events = events.map(Self.withoutData) }
        if isReversed { return (events.reversed(), first > 1 ? first - 1 : nil) }
        return (events, last < count ? last + 1 : nil)
    }

    private func events(
        of key: ExecutionKey,
        _ range: ClosedRange<Int>
    ) async throws(StatesError) -> [JSONValue] {
        let prefix = "history#"
        let items = try await stored { () async throws(DatabaseError) in
            let partition = AttributeValue.string(key.text)
            // The item in which the first of them stands begins with it or before it.
            let before = try await self.store.executions.items(
                of: partition,
                in: (
                    from: .string(prefix),
                    to: .string(prefix + ExecutionStore.padded(range.lowerBound + 1, 12))
                ),
                limit: 8,
                .descending
            )
            let from = before.compactMap { $0["what"]?.stringValue }
                .first { $0.utf8.count == prefix.utf8.count + 12 }
            return try await self.store.executions.items(
                of: partition,
                in: (
                    from: .string(from ?? prefix),
                    to: .string(prefix + ExecutionStore.padded(range.upperBound + 1, 12))
                )
            )
        }
        let bytes = items.flatMap { $0["bytes"]?.binaryValue ?? [] }
        // Events are numbered one after the other, so those outside of the page need not be read.
        var id =
            items.first?["what"]?.stringValue.flatMap { Int($0.dropFirst(prefix.utf8.count)) } ?? 0
        var events: [JSONValue] = []
        for line in bytes.split(separator: 0x0A) {
            defer { id += 1 }
            guard range.contains(id) else { continue }
            let event: JSONValue
            do throws(JSONError) {
                var parser = JSONParser(Array(line))
                event = try parser.wholeText()
            } catch {
                throw unreadable(key, "no JSON at byte \(error.offset)")
            }
            guard event["id"] == .integer(Int64(id)) else {
                throw unreadable(key, "the event \(id) is missing")
            }
            events.append(event)
        }
        return events
    }

    private func unreadable(_ key: ExecutionKey, _ reason: String) -> StatesError {
        StatesError(.failed, "The history of \(arn(key)) cannot be read: \(reason).")
    }

    /// An event without what users put in and got out.
    private static func withoutData(_ event: JSONValue) -> JSONValue {
        guard case .object(var members) = event else { return event }
        for (name, value) in members {
            guard name.hasSuffix("EventDetails"), case .object(let details) = value else {
                continue
            }
            members[name] = .object(withoutData(details))
        }
        return .object(members)
    }
}
