import ShaleItems
import ShaleStateMachines
import ShaleWire
import Testing

@testable import ShaleServices

/// Targets to operations, tokens to places, times to numbers.
@Suite struct StatesRegistryTests {
    @Test(
        arguments: [
            ("CreateStateMachine", nil), ("ListTagsForResource", nil), ("StartSyncExecution", nil),
            ("createStateMachine", "UnknownOperationException"), ("", "UnknownOperationException"),
            ("ListTagsOfResource", "UnknownOperationException"),
        ] as [(String, String?)]
    )
    func `a target is an operation or none`(_ name: String, _ refusal: String?) {
        var found: String?
        var refused: String?
        do throws(RestError) {
            found = try StatesRegistry.find(target: StatesRegistry.targetPrefix + name).name
        } catch {
            refused = error.name
        }
        #expect(found == (refusal == nil ? name : nil))
        #expect(refused == refusal)
    }

    @Test(arguments: ["m", "é/n", "a/b", "7", ""])
    func `a token says what stood last in its list, and in no other`(_ last: String) throws {
        let token = StatesToken.text("activities", last)
        #expect(try StatesToken.last("activities", token) == last)
        #expect(throws: RestError.self) { try StatesToken.last("stateMachines", token) }
    }

    @Test(arguments: ["", "x", "%%%%", "bi8=", "YWN0aXZpdGllcy//"])
    func `a token of somebody else is refused`(_ token: String) {
        #expect(throws: RestError.self) { try StatesToken.last("activities", token) }
    }

    @Test(
        arguments: [
            (0, "0"), (1_700_000_000_000, "1700000000"), (1_700_000_000_007, "1700000000.007"),
            (1_700_000_000_120, "1700000000.12"), (999, "0.999"),
        ] as [(Int64, String)]
    )
    func `a time is told in seconds with milliseconds behind the point`(
        _ milliseconds: Int64,
        _ text: String
    ) throws {
        #expect(AttributeValue.time(milliseconds) == .number(try Number(text)))
    }

    /// How many elements there are, the size of a page, and whether another page follows.
    @Test(arguments: [(0, 0, false), (3, 3, false), (4, 3, true), (100, 0, false), (101, 0, true)])
    func `a page says where the next one begins`(
        _ count: Int,
        _ asked: Int,
        _ hasNext: Bool
    ) throws {
        let page = try StatesPage("names", ["maxResults": .number(Number(asked))])
        let names = (0..<count).map { String($0) }
        let reply = page.reply(names, \.self) { ["name": .string($0)] }
        let text = String(decoding: reply.body, as: UTF8.self)
        let limit = asked == 0 ? 100 : asked
        #expect(text.contains("nextToken") == hasNext)
        #expect(text.contains("\"\(min(limit, count) - 1)\"") == (count > 0))
        #expect(!text.contains("\"\(limit)\""))
    }

    @Test(
        arguments: [
            ("live", true), ("1a", true), ("_", true), ("a.b-c_9", true), ("123", false),
            ("a b", false), ("a:b", false), ("ä", false), ("", false),
        ]
    )
    func `an alias has letters, and is no number`(_ name: String, _ isName: Bool) {
        guard case .text(_, let pattern?) = StatesShapes.aliasName else {
            Issue.record("names of aliases have a pattern")
            return
        }
        #expect(pattern.matches(name) == isName)
    }

    @Test func `an error of the database is the server's, all others are the client's`() {
        for code in StatesError.Code.allCases {
            let error = RestError(StatesError(code, "x"))
            #expect(error.name == code.rawValue)
            #expect(error.status == (code == .failed ? 500 : 400))
            let reply = error.jsonReply(RestReply.json10)
            #expect(reply.contentType == "application/x-amz-json-1.0")
        }
    }
}
