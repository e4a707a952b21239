internal import ShaleEngine
internal import ShaleItems
internal import ShaleTables

extension Logs {
    /// Makes a stream.
    ///
    /// - Throws: `.alreadyExists`, `.notFound` of the group, `.invalid`, `.failed`.
    package func createStream(_ name: String, in group: String) async throws(LogsError) {
        try Self.check(name, "log stream")
        guard !name.utf8.contains(UInt8(ascii: ":")) else {
            throw LogsError(.invalid, "The name of a log stream has no colon.")
        }
        await turn.take()
        defer { turn.give() }
        _ = try await self.group(group)
        guard try await found(LogFormat.key(stream: name, in: group), in: streams) == nil else {
            throw LogsError(.alreadyExists, "The specified log stream already exists")
        }
        let stream = LogStream(
            group: group,
            name: name,
            createdMilliseconds: database.wallMilliseconds
        )
        try await write(streams, putting: [stream.item])
    }

    /// A stream.
    ///
    /// - Returns: The stream.
    /// - Throws: `.notFound`, `.failed`.
    package func stream(_ name: String, in group: String) async throws(LogsError) -> LogStream {
        let item = try await found(LogFormat.key(stream: name, in: group), in: streams)
        guard let stream = item.flatMap({ LogStream($0) }) else {
            _ = try await self.group(group)
            throw .noStream
        }
        return stream
    }

    /// The streams of a group whose names begin so, in the order of their names.
    ///
    /// - Returns: The streams.
    /// - Throws: `.notFound` of the group, `.failed`.
    package func streams(
        of group: String,
        prefix: String = ""
    ) async throws(LogsError) -> [LogStream] {
        _ = try await self.group(group)
        return try await items(of: .string(group), in: streams).compactMap { LogStream($0) }
            .filter { $0.name.utf8.starts(with: prefix.utf8) }
    }

    /// Deletes a stream with its lines.
    ///
    /// - Throws: `.notFound`, `.failed`.
    package func deleteStream(_ name: String, in group: String) async throws(LogsError) {
        await turn.take()
        defer { turn.give() }
        try await delete(try await stream(name, in: group))
    }

    /// Deletes a stream; the caller has the turn.
    func delete(_ stream: LogStream) async throws(LogsError) {
        _ = try await deleteLines(of: stream, before: nil)
        let key = LogFormat.key(stream: stream.name, in: stream.group)
        try await write(streams, deleting: [key])
    }

    /// Deletes the lines that are older than the retention of their groups.
    ///
    /// - Throws: `.failed`; what is left is deleted the next time.
    package func expire() async throws(LogsError) {
        let now = database.wallMilliseconds
        for group in try await groups() {
            guard let days = group.retentionDays else { continue }
            await turn.take()
            defer { turn.give() }
            let horizon = now - Int64(days) * 86_400_000
            for item in try await items(of: .string(group.name), in: streams) {
                guard let stream = LogStream(item), (stream.firstMilliseconds ?? .max) < horizon
                else { continue }
                var kept = stream
                kept.storedBytes -= try await deleteLines(of: stream, before: horizon)
                kept.firstMilliseconds = try await firstMilliseconds(of: stream)
                try await write(streams, putting: [kept.item], .buffered)
            }
        }
    }

    private func firstMilliseconds(of stream: LogStream) async throws(LogsError) -> Int64? {
        let partition = LogFormat.lines(of: stream.name, in: stream.group)
        let first = try await items(of: partition, in: lines, limit: 1).first
        return first.flatMap { LogLine($0, of: stream.name) }?.place.milliseconds
    }

    /// Deletes lines; answers what they counted.
    private func deleteLines(
        of stream: LogStream,
        before horizon: Int64?
    ) async throws(LogsError) -> Int64 {
        var bytes: Int64 = 0
        let partition = LogFormat.lines(of: stream.name, in: stream.group)
        while true {
            let old = try await items(
                of: partition,
                in: lines,
                to: horizon.map { LogPlace.start(of: $0).text },
                limit: LogsLimits.deletionsPerRecord
            )
            let keys = old.map { item -> Item in
                var key: Item = ["stream": partition]
                key["place"] = item["place"]
                return key
            }
            try await write(lines, deleting: keys, .buffered)
            for item in old {
                bytes += Int64(LogLine(item, of: stream.name)?.countedBytes ?? 0)
            }
            if old.count < LogsLimits.deletionsPerRecord { return bytes }
        }
    }
}
