internal import ShaleOperations
internal import ShaleTables
internal import ShaleWire

/// The virtual clock, seen and set forward over HTTP; not there where the clock is the real one.
///
///     GET  /shale/clock                       {"now":1764460800000,"aheadMilliseconds":0}
///     POST /shale/clock  {"advance":86400}    sets it forward by so many seconds, and answers the same
///
/// The answer comes when the clock is set; what is due then has begun and may not have ended.
struct ClockRoute: Sendable {
    static let path = "/shale/clock"

    let clock: VirtualClock

    func respond(_ request: HTTPRequest) async -> HTTPResponse {
        switch request.method {
        case "GET", "HEAD": return told()
        case "POST":
            do throws(WireError) {
                try await advance(request.body)
                return told()
            } catch {
                return .text(400, error.message)
            }
        default:
            var response = HTTPResponse.text(405, "This path answers only GET, HEAD, POST.")
            response.headers = [("Allow", "GET, HEAD, POST")]
            return response
        }
    }

    private func advance(_ body: [UInt8]) async throws(WireError) {
        var reader = JSONReader(body)
        var seconds: Int?
        try reader.readStructure { (reader, name) throws(WireError) in
            guard name == "advance" else { return try reader.skipValue() }
            seconds = try reader.readInteger()
        }
        try reader.finish()
        guard let seconds, seconds > 0, seconds < Int.max / 1_000 else {
            throw .validation(
                "The body is {\"advance\": SECONDS}, with a whole number of seconds above 0."
            )
        }
        do throws(DatabaseError) {
            try await clock.advance(by: Int64(seconds) * 1_000)
        } catch {
            throw WireError(error)
        }
    }

    private func told() -> HTTPResponse {
        let time = clock.time
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("now")
        writer.integer(Int(time.wall))
        writer.name("aheadMilliseconds")
        writer.integer(Int(time.ahead))
        writer.endObject()
        return HTTPResponse(status: 200, contentType: "application/json", body: writer.bytes)
    }
}
