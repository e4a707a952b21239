internal import ShaleLogs
internal import ShaleWire

/// Where a list goes on, as texts that clients carry: nobody but this server reads them.
///
///     a list of names        Base64 of "n/" and the last name
///     streams by their time  Base64 of "t/", the last time, "/" and the last name
///     lines of a group       Base64 of "l/", the last line's place, "/" and its stream
///     lines of a stream      "f/" or "b/", a place of 30 digits, "/s": from it on, or before it
enum LogsToken {
    static func text(name: String) -> String { Base64.encode(Array("n/\(name)".utf8)) }

    static func name(_ token: String) throws(RestError) -> String {
        try parts(token, "n", 1)[0]
    }

    static func text(time: Int64, name: String) -> String {
        Base64.encode(Array("t/\(time)/\(name)".utf8))
    }

    static func time(_ token: String) throws(RestError) -> (time: Int64, name: String) {
        let parts = try parts(token, "t", 2)
        guard let time = Int64(parts[0]) else { throw invalid }
        return (time, parts[1])
    }

    static func text(line: LogLine) -> String {
        Base64.encode(Array("l/\(line.place.text)/\(line.stream)".utf8))
    }

    static func line(_ token: String) throws(RestError) -> (place: LogPlace, stream: String) {
        let parts = try parts(token, "l", 2)
        guard let place = LogPlace(parts[0]) else { throw invalid }
        return (place, parts[1])
    }

    /// From which place on, or before which one, a stream is read.
    enum Side: Equatable {
        case forward(LogPlace), backward(LogPlace)
    }

    static func text(_ side: Side) -> String {
        switch side {
        case .forward(let place): "f/\(place.text)/s"
        case .backward(let place): "b/\(place.text)/s"
        }
    }

    static func side(_ token: String) throws(RestError) -> Side {
        let parts = token.split(separator: "/", omittingEmptySubsequences: false)
        guard parts.count == 3, parts[2] == "s", let place = LogPlace(String(parts[1])) else {
            throw invalid
        }
        switch parts[0] {
        case "f": return .forward(place)
        case "b": return .backward(place)
        default: throw invalid
        }
    }

    private static func parts(
        _ token: String,
        _ kind: String,
        _ count: Int
    ) throws(RestError) -> [String] {
        let bytes: [UInt8]
        do throws(WireError) { bytes = try Base64.decode(token) } catch { throw invalid }
        // A stream's name may have slashes; it stands last.
        let parts = String(decoding: bytes, as: UTF8.self).split(
            separator: "/",
            maxSplits: count,
            omittingEmptySubsequences: false
        )
        guard parts.count == count + 1, parts[0] == kind else { throw invalid }
        return parts.dropFirst().map(String.init)
    }

    private static let invalid = RestError.logs(.invalid, "The specified nextToken is invalid.")
}
