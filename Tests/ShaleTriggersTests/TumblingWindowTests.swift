import Testing

@testable import ShaleTriggers

@Suite struct TumblingWindowTests {
    @Test(arguments: [(0, 0), (9_999, 0), (10_000, 10_000), (25_001, 20_000)] as [(Int64, Int64)])
    func `windows follow one another without gaps`(_ moment: Int64, _ start: Int64) {
        #expect(TumblingWindow.start(of: moment, length: 10_000) == start)
    }

    @Test(
        arguments: [
            ([], 0), ([5], 1), ([1, 9_999, 10_000], 2), ([10_000, 9_999], 1), ([3, 4, 5], 3),
        ] as [([Int64], Int)]
    )
    func `records are given together that belong to one window`(_ times: [Int64], _ count: Int) {
        #expect(TumblingWindow.prefix(times, length: 10_000) == count)
    }

    @Test func `a window is over a moment after its end`() {
        let window = TumblingWindow(start: 10_000)
        #expect(!window.isOver(now: 20_999, length: 10_000))
        #expect(window.isOver(now: 21_000, length: 10_000))
    }

    @Test(
        arguments: [
            (#"{"state": {"n": 1e400, "t": "ä"}, "x": 1}"#, #"{"n": 1e400, "t": "ä"}"#),
            (#"{"batchItemFailures": []}"#, "{}"), (#"{"state":null}"#, "{}"), ("null", "{}"),
        ]
    )
    func `the state is what the function answered, byte by byte`(
        _ payload: String,
        _ state: String
    ) {
        var window = TumblingWindow(start: 0, state: [1])
        let isOne = window.answered(Array(payload.utf8))
        #expect(isOne)
        #expect(String(decoding: window.state, as: UTF8.self) == state)
    }

    @Test(arguments: ["", "7", "[]", #"{"state":{}"#])
    func `an answer without the form is none, and changes nothing`(_ payload: String) {
        var window = TumblingWindow(start: 0, state: [1])
        let isOne = window.answered(Array(payload.utf8))
        #expect(!isOne)
        #expect(window.state == [1])
    }

    @Test func `more than 1 MB is too large`() {
        let most = [UInt8](repeating: 0x20, count: TumblingWindow.stateBytes)
        #expect(!TumblingWindow(start: 0, state: most).isTooLarge)
        #expect(TumblingWindow(start: 0, state: most + [0x20]).isTooLarge)
    }

    @Test func `an event tells the window, the state, and which turn it is`() {
        let window = TumblingWindow(start: 1_596_128_400_000, state: Array(#"{"1":282}"#.utf8))
        let members = window.members(.final, length: 300_000, shard: "s", source: "arn")
        #expect(
            String(decoding: members, as: UTF8.self)
                == #""window":{"start":"2020-07-30T17:00:00Z","end":"2020-07-30T17:05:00Z"},"#
                + #""shardId":"s","eventSourceARN":"arn","state":{"1":282},"#
                + #""isFinalInvokeForWindow":true,"isWindowTerminatedEarly":false"#
        )
    }
}
