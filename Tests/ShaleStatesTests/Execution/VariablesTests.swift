import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

/// The limits of variables: 256 KiB for one Assign, 10 MiB for all of an execution.
@Suite struct VariablesTests {
    /// The input: a text of so many bytes, whose JSON has two more.
    private static func input(_ bytes: Int) -> String {
        #"{"t":""# + String(repeating: "x", count: bytes) + #""}"#
    }

    @Test(arguments: [
        (#"{"v.$":"$.t"}"#, 250_000, true), (#"{"v.$":"$.t"}"#, 262_142 - 100, true),
        (#"{"v.$":"States.Format('{}{}', $.t, $.t)"}"#, 131_071, true),
        (#"{"v.$":"States.Format('{}{}', $.t, $.t)"}"#, 131_072, false),
        (#"{"a.$":"$.t","b.$":"$.t"}"#, 131_070, true),
        (#"{"a.$":"$.t","b.$":"$.t"}"#, 131_071, false),
    ])
    func `an Assign sets 256 KiB, as one variable or several`(
        assign: String,
        bytes: Int,
        isAllowed: Bool
    ) throws {
        let driver = try Machines.runState(
            #"{"Type":"Pass","Assign":"# + assign + #","OutputPath":null,"Next":"Done"}"#,
            input: Self.input(bytes)
        )
        guard !isAllowed else { return #expect(driver.end?.status == .succeeded) }
        #expect(driver.end?.error == "States.DataLimitExceeded")
        let cause = try #require(driver.end?.cause)
        #expect(cause.contains("262144 bytes") && cause.contains("'S'"))
        #expect(!driver.types.contains("PassStateExited"))
    }

    @Test func `who names the error catches it, who names all does not`() throws {
        for (name, outcome) in [
            ("States.DataLimitExceeded", ExecutionStatus.succeeded), ("States.ALL", .failed),
        ] {
            let task =
                #"{"Type":"Task","Resource":"arn:aws:lambda:here:1:function:f","#
                + #""Assign":{"a.$":"$","b.$":"$"},"ResultPath":null,"Next":"Done","#
                + #""Catch":[{"ErrorEquals":["\#(name)"],"ResultPath":null,"Next":"Done"}]}"#
            let result = JSONValue.string(String(repeating: "x", count: 200_000))
            let driver = try Machines.runState(task) { .taskSucceeded($0.id, output: result) }
            #expect(driver.end?.status == outcome)
        }
    }

    /// Sets so many variables in a row, each of 250,000 bytes, over and over.
    private static func chain(_ names: [String]) -> String {
        let states = names.enumerated().map { number, name in
            let next = number + 1 == names.count ? #""End":true"# : #""Next":"S\#(number + 1)""#
            return #""S\#(number)":{"Type":"Pass","Assign":{"\#(name).$":"$.t"},\#(next)}"#
        }
        return #"{"StartAt":"S0","States":{"# + states.joined(separator: ",") + "}}"
    }

    @Test func `all variables have 10 MiB, and one that is set again counts once`() throws {
        let input = Self.input(250_000 - 2)
        let many = (0..<41).map { "v\($0)" }
        #expect(try Machines.run(Self.chain(many), input: input).end?.status == .succeeded)
        let again = try Machines.run(Self.chain(many + ["v1", "v2"]), input: input)
        #expect(again.end?.status == .succeeded)
        let over = try Machines.run(Self.chain(many + ["w"]), input: input)
        #expect(over.end?.error == "States.DataLimitExceeded")
        #expect(over.end?.cause?.contains("10485760 bytes") == true)
    }

    @Test func `variables of all branches count`() throws {
        let branches = (0..<42).map {
            #"{"StartAt":"B\#($0)","States":{"B\#($0)":{"Type":"Pass","Assign":{"v.$":"$.t"},"#
                + #""OutputPath":null,"Next":"W\#($0)"},"#
                + #""W\#($0)":{"Type":"Wait","Seconds":1,"End":true}}}"#
        }
        for (count, status) in [(41, ExecutionStatus.succeeded), (42, .failed)] {
            let parallel =
                #"{"Type":"Parallel","Branches":["#
                + branches.prefix(count).joined(separator: ",") + #"],"ResultPath":null,"#
                + #""OutputPath":null,"Next":"Done"}"#
            let driver = try Machines.runState(parallel, input: Self.input(250_000 - 2))
            #expect(driver.end?.status == status)
        }
    }
}
