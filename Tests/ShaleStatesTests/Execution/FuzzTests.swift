import OrderedCollections
import ShaleJSON
import Testing

@testable import ShaleStates

/// Definitions and inputs that are changed at random: they end in a typed error or in a status, and never trap.
@Suite struct FuzzTests {
    static let definitions: [String] = [
        #"""
        {"StartAt":"A","States":{"A":{"Type":"Pass","Parameters":{"a.$":"$.x[0].y","b.$":"States.Format('{}',$.x)",
        "c":{"d.$":"$$.State.Name"}},"Assign":{"v.$":"$.a"},"ResultPath":"$.r","Next":"C"},
        "C":{"Type":"Choice","Choices":[{"And":[{"Variable":"$.n","IsPresent":true},{"Variable":"$.n",
        "NumericGreaterThan":3}],"Next":"W"},{"Not":{"Variable":"$v","StringMatches":"a*b"},"Next":"M"}],
        "Default":"F"},"W":{"Type":"Wait","SecondsPath":"$.n","Next":"M"},"F":{"Type":"Fail","ErrorPath":"$.e"},
        "M":{"Type":"Map","ItemsPath":"$.x","MaxConcurrency":2,"ItemSelector":{"i.$":"$$.Map.Item.Value"},
        "ItemProcessor":{"StartAt":"T","States":{"T":{"Type":"Task",
        "Resource":"arn:aws:states:::dynamodb:getItem","Retry":[{"ErrorEquals":["States.ALL"],"MaxAttempts":2,
        "JitterStrategy":"FULL"}],"Catch":[{"ErrorEquals":["E"],"ResultPath":"$.why","Next":"S"}],
        "TimeoutSeconds":9,"End":true},"S":{"Type":"Succeed"}}},"Next":"P"},
        "P":{"Type":"Parallel","Branches":[{"StartAt":"X","States":{"X":{"Type":"Pass","End":true}}},
        {"StartAt":"Y","States":{"Y":{"Type":"Wait","Seconds":1,"End":true}}}],"ResultSelector":{"o.$":"$[0]"},
        "Catch":[{"ErrorEquals":["States.ALL"],"Next":"F"}],"End":true}}}
        """#,
        #"""
        {"TimeoutSeconds":99,"StartAt":"D","States":{"D":{"Type":"Map","ItemsPath":"$.x","ItemBatcher":{
        "MaxItemsPerBatch":2},"ToleratedFailureCount":1,"ItemProcessor":{"ProcessorConfig":{"Mode":"DISTRIBUTED"},
        "StartAt":"K","States":{"K":{"Type":"Pass","End":true}}},"ResultWriter":{"Resource":"arn:aws:states:::s3:putObject"},
        "ResultPath":"$.d","Next":"A"},"A":{"Type":"Task","Resource":"arn:aws:states:eu-west-1:1:activity:a",
        "HeartbeatSeconds":5,"InputPath":"$.d","OutputPath":"$..x","End":true}}}
        """#,
        #"""
        {"QueryLanguage":"JSONata","StartAt":"A","States":{"A":{"Type":"Pass","Assign":{"v":"{% $states.input.n %}"},
        "Output":{"x":"{% $states.input.x %}","n":"{% $v ~> $string %}"},"Next":"C"},"C":{"Type":"Choice","Choices":[
        {"Condition":"{% $number($states.input.n) > 5 %}","Next":"W"}],"Default":"M","Output":"{% $states.input %}"},
        "W":{"Type":"Wait","Seconds":"{% $v %}","Next":"M"},"M":{"Type":"Map","Items":"{% $states.input.x %}",
        "ItemSelector":{"i":"{% $states.context.Map.Item.Value %}"},"MaxConcurrency":"{% 2 %}","ItemProcessor":{"StartAt":"T",
        "States":{"T":{"Type":"Task","Resource":"arn:aws:states:::dynamodb:getItem","Arguments":{"k":"{% $states.input.i %}"},
        "TimeoutSeconds":"{% 9 %}","Output":"{% $states.result[0] %}","Catch":[{"ErrorEquals":["States.ALL"],
        "Output":"{% $states.errorOutput.Error %}","Next":"S"}],"End":true},"S":{"Type":"Succeed","Output":"{% $uuid() %}"}}},
        "Catch":[{"ErrorEquals":["States.QueryEvaluationError"],"Next":"F"}],"Next":"F"},
        "F":{"Type":"Fail","Error":"{% 'E' & $v %}","Cause":"c"}}}
        """#,
    ]

    static let pieces: [JSONValue] = [
        .null, .bool(true), .integer(0), .integer(-1), .integer(.max), .double(1e300),
        .double(-0.5),
        .string(""), .string("$"), .string("$$"), .string("$.x[?(@.y>1)]"), .string("$..x"),
        .string("A"),
        .string("{% $states.input.x[0] %}"), .string("{% $sum([1..3]) %}"),
        .string("States.ArrayRange(1,1000,1)"), .string("States.Array($,$)"), .string("{% 1 %}"),
        .string("JSONata"), .array([]), .object([:]), .array([.integer(1), .array([.null])]),
        .object(["a.$": .string("$.x")]), .string("States.ALL"), .string("Succeed"), .string("Map"),
    ]

    @Test(arguments: definitions.indices)
    func `changed definitions and inputs end in an error or a status`(index: Int) throws {
        var random = SeededGenerator(seed: UInt64(index) + 11)
        let definition = try JSONParser.value(of: Self.definitions[index])
        let input = try JSONParser.value(
            of: #"{"x":[{"y":1},2,"three"],"n":4,"e":"E","r":{"a":null}}"#
        )
        var programs = 0
        for _ in 0..<1_500 {
            let changed = Self.changed(
                definition,
                &random,
                times: Int.random(in: 0...4, using: &random)
            )
            let data = Self.changed(input, &random, times: Int.random(in: 0...3, using: &random))
            guard let program = try? StateMachineProgram.parse(changed) else { continue }
            programs += 1
            let context = try Machines.context(input: data.json)
            var state = ExecutionState(program: program, context: context)
            _ = state.handle(.start, at: context.startTime, entropy: random.next())
            Fuzzing.goOn(&state, steps: 40, &random)
            let bytes = state.encoded()
            let read = try ExecutionState(bytes, program: program, context: context)
            #expect(read.encoded() == bytes)
        }
        #expect(programs > 200)
    }

    /// A value in which some places hold other pieces.
    static func changed(
        _ value: JSONValue,
        _ random: inout SeededGenerator,
        times: Int
    ) -> JSONValue {
        var changed = value
        for _ in 0..<times { changed = changedOnce(changed, &random) }
        return changed
    }

    private static func changedOnce(
        _ value: JSONValue,
        _ random: inout SeededGenerator
    ) -> JSONValue {
        guard Int.random(in: 0..<8, using: &random) > 0 else {
            return pieces.randomElement(using: &random) ?? .null
        }
        switch value {
        case .object(var members) where !members.isEmpty:
            let name = members.keys[Int.random(in: 0..<members.count, using: &random)]
            switch Int.random(in: 0..<12, using: &random) {
            case 0: members[name] = nil
            case 1: members["Extra.$"] = pieces.randomElement(using: &random)
            default: members[name] = members[name].map { changedOnce($0, &random) }
            }
            return .object(members)
        case .array(var elements) where !elements.isEmpty:
            let place = Int.random(in: 0..<elements.count, using: &random)
            switch Int.random(in: 0..<12, using: &random) {
            case 0: elements.remove(at: place)
            case 1: elements.append(elements[place])
            default: elements[place] = changedOnce(elements[place], &random)
            }
            return .array(elements)
        default: return pieces.randomElement(using: &random) ?? .null
        }
    }

    @Test func `texts that are cut or changed are a program or an error`() throws {
        var random = SeededGenerator(seed: 5)
        for definition in Self.definitions {
            let bytes = Array(definition.utf8)
            for _ in 0..<1_500 {
                var changed = bytes
                for _ in 0..<Int.random(in: 1...4, using: &random) {
                    let place = Int.random(in: 0..<changed.count, using: &random)
                    changed[place] = UInt8.random(in: 32...126, using: &random)
                }
                _ = try? StateMachineProgram.parse(String(decoding: changed, as: UTF8.self))
            }
        }
    }

    @Test func `paths and calls of random texts are read or refused`() throws {
        var random = SeededGenerator(seed: 9)
        let alphabet = Array("$$.@[]()'\"*?:,-01ab&|!=<> States.Format{}\\".utf8)
        let data = try JSONParser.value(of: #"{"a":[1,{"b":[2,3]}],"b":"x"}"#)
        for _ in 0..<30_000 {
            let count = Int.random(in: 1...24, using: &random)
            let bytes = (0..<count).map { _ in alphabet.randomElement(using: &random) ?? 0 }
            let text = "$" + String(decoding: bytes, as: UTF8.self)
            if let path = try? JSONPathParser.path(of: text) { _ = path.find(in: data) }
            _ = try? IntrinsicParser.call(of: "States.Format(" + text + ")")
        }
    }
}
