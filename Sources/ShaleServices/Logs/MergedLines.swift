internal import ShaleItems
internal import ShaleLogs

/// The lines of many streams in the order of time, then of the streams' names.
///
/// Streams are read a piece at a time, and not before their first line is due.
struct MergedLines {
    /// A stream, what was read of it, and where what was not read begins.
    private struct Source {
        let stream: String
        var lines: ArraySlice<LogLine> = []
        /// Nil where all was read.
        var start: LogPlace?

        /// Where its next line stands, or may stand.
        var next: LogPlace? { lines.first?.place ?? start }
    }

    /// What one request answers.
    struct Page: Sendable {
        /// The lines.
        var lines: [LogLine] = []
        /// The last line that was looked at, where there may be more.
        var last: LogLine?
    }

    private static let linesPerPiece = 200
    private static let linesPerPage = 50_000
    private static let bytesPerPage = 16 * 1_048_576

    private let logs: Logs
    private let group: String
    private let to: Int64?
    /// Those with more to come, the one whose line is due last first.
    private var sources: [Source] = []

    /// The lines of streams of one group.
    ///
    /// - Parameters:
    ///   - logs: Where they are.
    ///   - streams: The streams.
    ///   - first: From this time on.
    ///   - last: Until this time, which is still read.
    ///   - passed: Behind this line.
    init(
        _ logs: Logs,
        _ streams: [LogStream],
        from first: Int64?,
        through last: Int64?,
        after passed: (place: LogPlace, stream: String)?
    ) {
        self.logs = logs
        group = streams.first?.group ?? ""
        to = last.map { $0 < .max ? $0 + 1 : $0 }
        for stream in streams {
            guard let earliest = stream.firstMilliseconds else { continue }
            var start = LogPlace.start(of: max(earliest, first ?? 0))
            if let passed { start = max(start, Self.start(of: stream.name, after: passed)) }
            let isOver = (stream.lastMilliseconds ?? 0) < start.milliseconds
            guard !isOver, to.map({ start.milliseconds < $0 }) ?? true else { continue }
            sources.append(Source(stream: stream.name, start: start))
        }
        sources.sort { Self.isLater($0, $1) }
    }

    /// Where a stream goes on behind a line: one whose name comes later may have more of that time.
    private static func start(
        of stream: String,
        after passed: (place: LogPlace, stream: String)
    ) -> LogPlace {
        let order = TextOrder.order(stream, passed.stream)
        if order == 0 { return passed.place.behind }
        let time = passed.place.milliseconds
        return .start(of: order < 0 ? time + 1 : time)
    }

    private static func isLater(_ left: Source, _ right: Source) -> Bool {
        let times = (left.next?.milliseconds ?? .max, right.next?.milliseconds ?? .max)
        guard times.0 == times.1 else { return times.0 > times.1 }
        return TextOrder.precedes(right.stream, left.stream)
    }

    /// The next lines that match.
    ///
    /// - Throws: `.failed`, and `.notFound` where somebody deletes meanwhile.
    mutating func page(
        limit: Int,
        _ matches: @Sendable (String) -> Bool
    ) async throws(LogsError) -> Page {
        var page = Page()
        var (looked, lookedBytes, bytes) = (0, 0, 0)
        while let line = try await next() {
            page.last = line
            looked += 1
            lookedBytes += line.countedBytes
            if matches(line.text) {
                page.lines.append(line)
                bytes += line.countedBytes
            }
            let isFull = page.lines.count == limit || bytes >= LogsLimits.readSizeBytes
            if isFull || looked == Self.linesPerPage || lookedBytes >= Self.bytesPerPage {
                if sources.isEmpty { page.last = nil }
                return page
            }
        }
        page.last = nil
        return page
    }

    private mutating func next() async throws(LogsError) -> LogLine? {
        while var source = sources.popLast() {
            let line = source.lines.popFirst()
            if line == nil { try await read(&source) }
            if source.next != nil { insert(source) }
            if let line { return line }
        }
        return nil
    }

    private func read(_ source: inout Source) async throws(LogsError) {
        var range = Logs.Range()
        range.start = source.start
        range.to = to
        source.lines = try await logs.lines(
            of: source.stream,
            in: group,
            range,
            limit: Self.linesPerPiece
        )[...]
        // A piece may be short because its lines are long; only an empty one is the end.
        source.start = source.lines.last?.place.behind
    }

    private mutating func insert(_ source: Source) {
        var (low, high) = (0, sources.count)
        while low < high {
            let middle = (low + high) / 2
            if Self.isLater(sources[middle], source) { low = middle + 1 } else { high = middle }
        }
        sources.insert(source, at: low)
    }
}
