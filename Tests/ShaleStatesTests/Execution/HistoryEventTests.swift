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
}
