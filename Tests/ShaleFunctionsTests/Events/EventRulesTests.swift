import ShaleItems
import Testing

@testable import ShaleFunctions

/// What becomes of an event, and which run now.
@Suite struct EventRulesTests {
    private static let given: Item = [
        "MaximumRetryAttempts": 1, "MaximumEventAgeInSeconds": 60,
        "DestinationConfig": ["OnFailure": ["Destination": "arn:aws:s3:::failures"]],
    ]

    @Test func `what is not configured is as the service has it`() {
        let rules = EventRules([:])
        #expect(rules == EventRules())
        #expect(rules.retries == 2)
        #expect(rules.ageMilliseconds == 6 * 3_600_000)
        #expect(EventRules(Self.given).onFailure == "arn:aws:s3:::failures")
        #expect(EventRules(Self.given).onSuccess == nil)
    }

    @Test(arguments: [
        (1, EventRules.Fate.again(after: 60_000)), (2, .again(after: 120_000)),
        (3, .givenUp("RetriesExhausted")),
    ])
    func `what fails comes again twice, a minute and then two minutes later`(
        _ failures: Int,
        _ fate: EventRules.Fate
    ) {
        #expect(EventRules().fate(.failed, failures: failures, refusals: 0, age: 0) == fate)
    }

    @Test(arguments: [(1, 1_000), (2, 2_000), (5, 16_000), (40, 300_000)] as [(Int, Int64)])
    func `what did not run comes again, each time later up to five minutes`(
        _ refusals: Int,
        _ wait: Int64
    ) {
        let fate = EventRules().fate(.refused, failures: 0, refusals: refusals, age: 0)
        #expect(fate == .again(after: wait))
    }

    @Test func `what would come again too late is given up`() {
        let rules = EventRules(Self.given)
        #expect(rules.fate(.failed, failures: 1, refusals: 0, age: 0) == .again(after: 60_000))
        let late = rules.fate(.failed, failures: 1, refusals: 0, age: 1)
        #expect(late == .givenUp("EventAgeExceeded"))
        let refused = rules.fate(.refused, failures: 0, refusals: 1, age: 59_500)
        #expect(refused == .givenUp("EventAgeExceeded"))
        #expect(rules.fate(.done, failures: 0, refusals: 9, age: 99_999) == .handled)
    }

    @Test(arguments: [0, 1, 262_144, 262_145, 1_048_576])
    func `an event is read as it was written`(_ size: Int) {
        var event = WaitingEvent(
            WaitingEvent.Name(function: "f", due: 1_700_000_000_000, identity: "an-id"),
            qualifier: "live",
            payload: (0..<size).map { UInt8(truncatingIfNeeded: $0) },
            clientContext: "e30=",
            taken: 1_600_000_000_000
        )
        event.failures = 1
        event.refusals = 2
        let items = event.items
        #expect(WaitingEvent(event.name, items) == event)
        #expect(items.count == event.keys.count)
        for (item, key) in zip(items, event.keys) { #expect(item["place"] == key["place"]) }
        let place = items[0]["place"]?.stringValue ?? ""
        #expect(WaitingEvent.Name(function: "f", place: place) == event.name)
        if size > 0 { #expect(WaitingEvent(event.name, Array(items.dropLast())) == nil) }
    }

    @Test func `no more run than may, and the others follow`() {
        var queue = EventQueue()
        let names = (0..<70).map {
            WaitingEvent.Name(function: "f", due: Int64($0), identity: "\($0)")
        }
        for name in names { queue.add(name) }
        var running: [WaitingEvent.Name] = []
        for name in names { running += queue.comes(name) }
        #expect(running == Array(names.prefix(64)))
        #expect(queue.ended() == [names[64]])
        #expect(queue.count == 69)
        queue.isStopped = true
        #expect(queue.ended() == [])
        #expect(queue.comes(names[0]) == [])
    }
}
