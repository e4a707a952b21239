/// Lines as they come, each once.
///
/// A line may be written behind one of a later time, so the last seconds are asked for again, and what was shown is passed over.
struct LogTail {
    /// How long after its time a line is still found.
    private static let overlapMilliseconds: Int64 = 30_000

    private var query: LogQuery
    private var latest: Int64 = 0
    /// The times of the lines that were shown, as far as they may come again.
    private var shown: [String: Int64] = [:]

    init(_ query: LogQuery) { self.query = query }

    /// What is new since the last time.
    mutating func next(from client: LogClient) async throws -> [LogEvent] {
        var new: [LogEvent] = []
        var token: String?
        repeat {
            let page = try await client.page(query, after: token)
            for event in page.events where shown[event.id] == nil {
                shown[event.id] = event.milliseconds
                latest = max(latest, event.milliseconds)
                new.append(event)
            }
            token = page.nextToken
        } while token != nil
        guard latest > 0 else { return new }
        let start = max(query.from ?? 0, latest - Self.overlapMilliseconds)
        query.from = start
        shown = shown.filter { $0.value >= start }
        return new
    }
}
