import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

/// Events as bytes.
@Suite struct HistoryEventTests {
    @Test(
        arguments: [
            (nil, [:]), ("stateEnteredEventDetails", ["name": .string("a \"b\" \\ \n")]),
            ("taskFailedEventDetails", ["error": .string("ü"), "cause": .string("\u{1}")]),
        ] as [(String?, JSONObject)]
    )
    func `an event is written as its value is`(name: String?, details: JSONObject) {
        for timestamp in [0, 1, 1_700_000_000_000, 1_700_000_000_123] as [Int64] {
            let event = HistoryEvent(
                id: 12,
                previousID: 11,
                type: "PassStateEntered",
                timestamp: timestamp,
                detailsName: name,
                details: details
            )
            var bytes: [UInt8] = []
            event.write(to: &bytes)
            #expect(bytes == event.json.encoded())
        }
    }

    @Test(
        arguments: [
            ("a", .input, "{\"x\":\"a \\\"b\\\"\"}"), ("ü \"", .output, "[]"), (nil, .output, "1"),
        ] as [(String?, HistoryEvent.Details.Data, String)]
    )
    func `data of a state is written as its object is`(
        state: String?,
        data: HistoryEvent.Details.Data,
        text: String
    ) {
        let told = HistoryEvent.Details.data(state: state, data, text)
        var bytes: [UInt8] = []
        told.write(to: &bytes)
        #expect(bytes == JSONValue.object(told.object).encoded())
        #expect(told.object[data == .input ? "input" : "output"] == .string(text))
        #expect(told.object["name"] == state.map { .string($0) })
    }
}
