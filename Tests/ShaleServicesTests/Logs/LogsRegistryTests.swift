import ShaleLogs
import Testing

@testable import ShaleServices

/// Targets to operations, and tokens to places.
@Suite struct LogsRegistryTests {
    @Test(
        arguments: [
            ("PutLogEvents", nil), ("ListTagsForResource", nil),
            ("StartLiveTail", "InvalidParameterException"),
            ("PutMetricFilter", "InvalidParameterException"),
            ("putLogEvents", "UnknownOperationException"), ("", "UnknownOperationException"),
        ] as [(String, String?)]
    )
    func `a target is an operation, one that is not here, or none`(
        _ name: String,
        _ refusal: String?
    ) {
        var found: String?
        var refused: String?
        do throws(RestError) {
            found = try LogsRegistry.find(target: LogsRegistry.targetPrefix + name).name
        } catch {
            refused = error.name
        }
        #expect(found == (refusal == nil ? name : nil))
        #expect(refused == refusal)
    }

    @Test func `tokens say what was put into them`() throws {
        let place = LogPlace.start(of: 1_700_000_000_000).behind
        #expect(try LogsToken.name(LogsToken.text(name: "/a/b")) == "/a/b")
        let stream = "2030/01/02/[$LATEST]"
        #expect(try LogsToken.time(LogsToken.text(time: 7, name: stream)) == (7, stream))
        for side in [LogsToken.Side.forward(place), .backward(place)] {
            #expect(try LogsToken.side(LogsToken.text(side)) == side)
        }
    }

    @Test(arguments: ["", "f/1/s", "x", "bi8=", "f/000000000000000000000000000000/t", "%%%%"])
    func `a token of somebody else is refused`(_ token: String) {
        #expect(throws: RestError.self) { try LogsToken.side(token) }
        #expect(throws: RestError.self) { try LogsToken.line(token) }
        #expect(throws: RestError.self) { try LogsToken.time(token) }
    }
}
