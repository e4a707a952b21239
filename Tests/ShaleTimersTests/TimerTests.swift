import ShaleItems
@testable import ShaleTimers
import Testing

@Suite struct TimerTests {
    @Test func `a timer's item is as it is drawn`() throws {
        let timer = Timer(
            Timer.Name(owner: "executions", due: 1_767_225_600_123, id: "run#1"),
            note: ["event": 7]
        )
        let item: Item = [
            "owner": "executions", "place": "00000001767225600123#run#1",
            "note": ["event": 7],
        ]
        #expect(try ItemDecoder.decode(timer.written.bytes) == item)
        #expect(Timer(item) == timer)
    }

    @Test(
        arguments: [
            [:], ["owner": "o"], ["owner": "o", "place": "1"], ["owner": "o", "place": "x#a"],
            ["owner": "o", "place": "00000000000000000001#"],
        ] as [Item]
    )
    func `what is no timer is none`(_ item: Item) { #expect(Timer(item) == nil) }
}
