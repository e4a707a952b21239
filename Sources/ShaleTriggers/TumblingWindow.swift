internal import ShalePlatform
internal import ShaleWire

/// A span of time whose records a function aggregates, and what it has so far, as a value.
///
/// Spans follow one another without gaps, from 1970-01-01 UTC on; a record belongs to the one in which it was written. The function
/// answers a state with each batch, and gets it with the next one of the same span; the last invocation of a span has no
/// records. A record that comes behind the end of its span opens that again, with an empty state.
struct TumblingWindow: Sendable, Equatable {
    /// The most bytes of a state: more ends the window early.
    static let stateBytes = 1_048_576
    /// How long after its end a window is closed without a newer record: records are seen a little after they are written.
    static let graceMilliseconds: Int64 = 1_000
    static let emptyState = Array("{}".utf8)

    /// When it begins, in milliseconds since 1970-01-01 UTC.
    var start: Int64
    /// JSON.
    var state = emptyState

    /// When the window of a moment begins.
    static func start(of milliseconds: Int64, length: Int64) -> Int64 {
        milliseconds - milliseconds % length
    }

    /// How many of some records, in their order, belong to one window with the first.
    static func prefix(_ times: [Int64], length: Int64) -> Int {
        guard let first = times.first else { return 0 }
        let start = start(of: first, length: length)
        return times.prefix { Self.start(of: $0, length: length) == start }.count
    }

    /// Whether the function has answered more than is kept.
    var isTooLarge: Bool { state.count > Self.stateBytes }

    /// Whether it is over, where no record is waiting.
    func isOver(now: Int64, length: Int64) -> Bool {
        now >= start + length + Self.graceMilliseconds
    }

    /// Takes what a function has answered; an answer without a state empties it.
    ///
    /// - Returns: Whether the answer has the form that it must have.
    mutating func answered(_ payload: [UInt8]) -> Bool {
        var state = Self.emptyState
        do throws(WireError) {
            var reader = JSONReader(payload)
            if try reader.peek() == .null {
                try reader.skipValue()
            } else {
                try reader.readMembers { (reader, name) throws(WireError) in
                    let value = Array(try reader.readRawValue())
                    if name == "state", value != Array("null".utf8) { state = value }
                }
            }
            try reader.finish()
        } catch {
            return false
        }
        self.state = state
        return true
    }

    /// How the invocation stands in the window.
    enum Turn: Sendable {
        case batch
        /// The window is over.
        case final
        /// The state has become too large.
        case early
    }

    /// The members of an event that come behind its records.
    func members(_ turn: Turn, length: Int64, shard: String, source: String) -> [UInt8] {
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("window")
        writer.beginObject()
        writer.member("start", Self.text(start))
        writer.member("end", Self.text(start + length))
        writer.endObject()
        writer.member("shardId", shard)
        writer.member("eventSourceARN", source)
        writer.endObject()
        let flags =
            #","isFinalInvokeForWindow":\#(turn != .batch),"isWindowTerminatedEarly":\#(turn == .early)"#
        return writer.bytes.dropFirst().dropLast() + Array(#","state":"#.utf8) + state
            + Array(flags.utf8)
    }

    /// "2026-11-29T17:00:00Z".
    private static func text(_ milliseconds: Int64) -> String {
        CivilDate(seconds: milliseconds / 1_000).isoText(milliseconds: 0).prefix(19) + "Z"
    }
}
