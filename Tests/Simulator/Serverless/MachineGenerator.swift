internal import Simulation

/// Random state machines whose executions all come to the same end.
struct MachineGenerator {
    /// Those of which others run one inside of them: it ends later, or with its start.
    static let children = [
        #"{"StartAt":"W","States":{"W":{"Type":"Wait","Seconds":1,"End":true}}}"#,
        #"{"StartAt":"P","States":{"P":{"Type":"Pass","End":true}}}"#,
    ]
    static let input = #"{"items":[1,2,3]}"#

    private var random: SimulatedGenerator

    init(_ random: SimulatedGenerator) { self.random = random }

    /// One to five states after another, each with a result of its own.
    mutating func machine() -> String {
        let count = 1 + random.below(5)
        let states = (0..<count).map { number in
            state("S\(number)", number + 1 < count ? #""Next":"S\#(number + 1)""# : #""End":true"#)
        }
        return #"{"StartAt":"S0","States":{\#(states.joined(separator: ","))}}"#
    }

    private mutating func state(_ name: String, _ after: String) -> String {
        let result = #""ResultPath":"$.\#(name)""#
        let body =
            switch random.below(9) {
            case 0: #""Type":"Wait","Seconds":\#(1 + random.below(3))"#
            case 1: task("ok", result)
            case 2: task("fail", result) + "," + Self.failing(after)
            case 3: map(result, isDistributed: false)
            case 4: map(result, isDistributed: true)
            case 5: parallel(result)
            case 6: Self.counting + "," + result
            case 7: Self.asking + "," + result
            default: Self.nested(result)
            }
        return #""\#(name)":{\#(body),\#(after)}"#
    }

    /// A task that writes a table.
    private static let counting =
        #""Type":"Task","Resource":"arn:aws:states:::dynamodb:updateItem","Parameters":{}"#
    /// A task that somebody outside ends.
    private static let asking =
        #""Type":"Task","Resource":"arn:aws:states:::lambda:invoke.waitForTaskToken","#
        + #""Parameters":{"Payload":{"token.$":"$$.Task.Token"}}"#

    private func task(_ function: String, _ result: String) -> String {
        #""Type":"Task","Resource":"arn:aws:lambda:here:1:function:\#(function)",\#(result)"#
    }

    /// Tried once more, then caught by a state of its own.
    private static func failing(_ after: String) -> String {
        let next = after == #""End":true"# ? nil : after
        return #""Retry":[{"ErrorEquals":["Odd"],"MaxAttempts":1,"IntervalSeconds":1}]"#
            + (next.map { #","Catch":[{"ErrorEquals":["States.ALL"],"ResultPath":"$.e",\#($0)}]"# }
                ?? "")
    }

    private mutating func map(_ result: String, isDistributed: Bool) -> String {
        let isCounting = !isDistributed && random.oneIn(3)
        let body = isCounting ? Self.counting : task("ok", #""ResultPath":"$""#)
        let mode =
            isDistributed
            ? #""ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},"# : ""
        return
            #""Type":"Map","ItemsPath":"$.items","MaxConcurrency":\#(random.below(3)),\#(result),"#
            + #""ItemProcessor":{\#(mode)"StartAt":"T","States":{"T":{"#
            + #"\#(body),"End":true}}}"#
    }

    private mutating func parallel(_ result: String) -> String {
        let branches = (0...random.below(3)).map { number in
            let body =
                number % 2 == 0
                ? task("ok", #""ResultPath":"$""#) : #""Type":"Wait","Seconds":1"#
            return #"{"StartAt":"A","States":{"A":{\#(body),"End":true}}}"#
        }
        return #""Type":"Parallel",\#(result),"Branches":[\#(branches.joined(separator: ","))]"#
    }

    private static func nested(_ result: String) -> String {
        #""Type":"Task","Resource":"arn:aws:states:::states:startExecution.sync:2",\#(result),"#
            + #""Parameters":{"StateMachineArn":"\#(ScriptedMachines.arn("child"))","Input":{"x":1}},"#
            + #""ResultSelector":{"o.$":"$.Output"}"#
    }
}
