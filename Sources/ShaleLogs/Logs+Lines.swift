package import ShaleEngine
internal import ShaleItems
internal import ShaleTables

extension Logs {
    /// Writes lines to a stream; one that is longer than a line may be goes on in the next.
    ///
    /// - Parameters:
    ///   - texts: Times and what they say, in any order.
    ///   - name: The stream.
    ///   - group: Its group.
    /// - Throws: `.notFound`, `.invalid`, `.failed`.
    package func append(
        _ texts: [(milliseconds: Int64, text: String)],
        to name: String,
        in group: String
    ) async throws(LogsError) {
        let size = texts.reduce(0) { $0 + $1.text.utf8.count + LogsLimits.lineOverheadBytes }
        guard texts.count <= LogsLimits.linesPerWrite, size <= LogsLimits.writeSizeBytes else {
            throw LogsError(
                .invalid,
                "One call writes at most \(LogsLimits.linesPerWrite) lines and "
                    + "\(LogsLimits.writeSizeBytes) bytes; these are \(texts.count) and \(size)."
            )
        }
        await turn.take()
        defer { turn.give() }
        var stream = try await stream(name, in: group)
        let now = database.wallMilliseconds
        var new: [LogLine] = []
        for (milliseconds, text) in texts {
            for piece in Self.pieces(of: text) {
                let place = LogPlace(milliseconds: milliseconds, sequence: stream.nextSequence)
                stream.nextSequence += 1
                new.append(
                    LogLine(stream: name, place: place, text: piece, ingestedMilliseconds: now)
                )
            }
        }
        let times = new.map(\.place.milliseconds)
        guard let first = times.min(), let last = times.max() else { return }
        stream.firstMilliseconds = min(stream.firstMilliseconds ?? first, first)
        stream.lastMilliseconds = max(stream.lastMilliseconds ?? last, last)
        stream.ingestedMilliseconds = now
        stream.storedBytes += Int64(new.reduce(0) { $0 + $1.countedBytes })
        try await write(streams, putting: [stream.item], .buffered)
        try await write(lines, putting: new.map { $0.item(in: group) }, .buffered)
    }

    /// A text in pieces of whole characters.
    static func pieces(of text: String) -> [String] {
        guard text.utf8.count > LogsLimits.lineSizeBytes else { return [text] }
        var pieces: [String] = []
        var rest = Substring(text)
        while !rest.isEmpty {
            let most = min(LogsLimits.lineSizeBytes, rest.utf8.count)
            var end = rest.utf8.index(rest.startIndex, offsetBy: most)
            // A byte that goes on a character begins with the bits 10.
            while end < rest.endIndex, rest.utf8[end] & 0xC0 == 0x80 {
                end = rest.utf8.index(before: end)
            }
            pieces.append(String(rest[..<end]))
            rest = rest[end...]
        }
        return pieces
    }

    /// What of a stream is read.
    package struct Range: Sendable {
        /// From this time on.
        package var from: Int64?
        /// Before this time.
        package var to: Int64?
        /// From this place on.
        package var start: LogPlace?
        /// Before this place.
        package var before: LogPlace?

        /// All.
        package init() {}

        /// The first place that is read, as text.
        var first: String? {
            [from.map { .start(of: $0) }, start].compactMap { $0 }.max()?.text
        }

        /// The first place that is not read any more.
        var end: String? {
            [to.map { .start(of: $0) }, before].compactMap { $0 }.min()?.text
        }
    }

    /// Lines of a stream in their order: the first so many of a range, or the last.
    ///
    /// - Returns: The lines.
    /// - Throws: `.notFound`, `.failed`.
    package func lines(
        of name: String,
        in group: String,
        _ range: Range = Range(),
        limit: Int = LogsLimits.linesPerRead,
        _ direction: ScanDirection = .ascending
    ) async throws(LogsError) -> [LogLine] {
        _ = try await stream(name, in: group)
        if let first = range.first, let end = range.end, first >= end { return [] }
        let found = try await items(
            of: LogFormat.lines(of: name, in: group),
            in: lines,
            from: range.first,
            to: range.end,
            limit: max(1, min(limit, LogsLimits.linesPerRead)),
            direction
        ).compactMap { LogLine($0, of: name) }
        var size = 0
        let fitting = found.prefix { line in
            size += line.countedBytes
            return size <= LogsLimits.readSizeBytes || line == found.first
        }
        return direction == .ascending ? Array(fitting) : fitting.reversed()
    }
}
