import ShaleEngine
import ShaleItems
import ShaleStates
import ShaleTables
import Synchronization
import Testing

@testable import ShaleStateMachines

@Suite struct StateMachinesTests {
    private static let prefix = MachineFixture.prefix

    @Test func `a machine is made, resolved, changed and deleted`() async throws {
        try await MachineFixture.run { machines, _ in
            let arn = Self.prefix + "m"
            let made = try await machines.create(MachineFixture.new())
            let first = try await machines.resolve(arn)
            #expect(first.arn == arn && first.name == "m" && first.kind == .standard)
            #expect(first.revision == made.machine.revision && first.versionARN == nil)
            #expect(first.logging == nil)
            let told = try await machines.describe(arn)
            #expect(told.revision.toldID == nil)
            #expect(told.revision.settings.definition == MachineFixture.definition())
            let changed = try await machines.update(arn, MachineFixture.change("b"))
            #expect(changed.revision.toldID != nil)
            #expect(try await machines.resolve(arn).revision == changed.revision.id)
            try await machines.delete(arn)
            try await machines.delete(arn)
            let refusal = await MachineFixture.refusal { _ = try await machines.resolve(arn) }
            #expect(refusal == .stateMachineDoesNotExist)
        }
    }

    @Test func `an execution goes on with its revision when the machine is changed and deleted`()
        async throws
    {
        try await MachineFixture.run { machines, database in
            let arn = Self.prefix + "m"
            var new = MachineFixture.new()
            new.settings.definition = MachineFixture.task("arn:aws:states:::lambda:invoke")
            try await machines.create(new)
            let begun = try await machines.resolve(arn)
            try await machines.update(arn, MachineFixture.change("b"))
            try await machines.delete(arn)
            try await machines.create(MachineFixture.new("m", "c"))
            let later = try await MachineFixture.open(database)
            let program = try await later.program(machine: "m", revision: begun.revision)
            #expect(program.resources == ["arn:aws:states:::lambda:invoke"])
            let refusal = await MachineFixture.refusal {
                _ = try await later.program(machine: "m", revision: "none")
            }
            #expect(refusal == .stateMachineDoesNotExist)
        }
    }

    @Test func `a distributed Map is described by its label, and is no machine`() async throws {
        try await MachineFixture.run { machines, _ in
            let arn = Self.prefix + "m"
            var new = MachineFixture.new()
            new.settings.definition = #"""
                {"StartAt":"A","States":{"A":{"Type":"Map","Label":"Here","End":true,"ItemProcessor":{
                "ProcessorConfig":{"Mode":"DISTRIBUTED","ExecutionType":"STANDARD"},
                "StartAt":"I","States":{"I":{"Type":"Map","Next":"J","ItemProcessor":{"StartAt":"K",
                "States":{"K":{"Type":"Succeed"}}}},"J":{"Type":"Succeed"}}}}}}
                """#
            try await machines.create(new)
            let told = try await machines.describe(arn + "/Here")
            #expect(told.machine.name == "m" && told.version == nil)
            #expect(told.revision.settings.definition == new.settings.definition)
            for missing in ["/There", "/", "/Here:1", "/Here/I"] {
                let code = await MachineFixture.refusal {
                    _ = try await machines.describe(arn + missing)
                }
                #expect(code == .stateMachineDoesNotExist, "\(missing)")
            }
            let calls: [() async throws -> Void] = [
                { _ = try await machines.resolve(arn + "/Here") },
                { try await machines.update(arn + "/Here", MachineFixture.change("b")) },
                { try await machines.publish(arn + "/Here") },
                { try await machines.delete(arn + "/Here") },
            ]
            for call in calls { #expect(await MachineFixture.refusal(call) == .validation) }
        }
    }

    @Test func `a definition of a megabyte is kept in pieces and read whole`() async throws {
        try await MachineFixture.run { machines, database in
            var new = MachineFixture.new()
            let most = StatesLimits.definitionLetters - new.settings.definition.utf16.count + 1
            new.settings.definition = MachineFixture.definition(
                String(repeating: "€", count: most)
            )
            #expect(new.settings.definition.utf16.count == StatesLimits.definitionLetters)
            try await machines.create(new)
            let later = try await MachineFixture.open(database)
            let told = try await later.describe(Self.prefix + "m")
            #expect(told.revision.settings == new.settings)
            _ = try await later.resolve(Self.prefix + "m")
        }
    }

    /// What a second creation differs in.
    enum Difference: CaseIterable {
        case nothing, role, tags, definition, space, kind, tracing, publishing

        /// The service passes over the role and the tags.
        var isRefused: Bool { ![.nothing, .role, .tags].contains(self) }

        func apply(to new: inout StateMachines.New) {
            switch self {
            case .nothing: break
            case .role: new.settings.roleARN = "other"
            case .tags: new.tags["a"] = "b"
            case .definition: new.settings.definition = MachineFixture.definition("b")
            case .space: new.settings.definition += " "
            case .kind: new.kind = .express
            case .tracing: new.settings.isTraced = true
            case .publishing: new.isPublished = true
            }
        }
    }

    @Test(arguments: Difference.allCases)
    func `a creation once more is the same machine, or refused`(
        _ difference: Difference
    ) async throws {
        try await MachineFixture.run { machines, _ in
            let first = try await machines.create(MachineFixture.new())
            var again = MachineFixture.new()
            difference.apply(to: &again)
            let refusal = await MachineFixture.refusal {
                let second = try await machines.create(again)
                #expect(second.machine == first.machine)
            }
            #expect(refusal == (difference.isRefused ? .stateMachineAlreadyExists : nil))
            let told = try await machines.describe(Self.prefix + "m")
            #expect(told.revision.settings == MachineFixture.new().settings)
        }
    }

    @Test func `a change to what is there already makes no revision`() async throws {
        try await MachineFixture.run { machines, _ in
            let arn = Self.prefix + "m"
            try await machines.create(MachineFixture.new())
            let first = try await machines.update(arn, MachineFixture.change("b"))
            let second = try await machines.update(arn, MachineFixture.change("b"))
            #expect(first.revision == second.revision)
        }
    }

    @Test func `names that look the same are of two machines`() async throws {
        try await MachineFixture.run { machines, _ in
            let names = ["\u{E9}", "e\u{301}"]
            for (name, text) in zip(names, ["a", "b"]) {
                try await machines.create(MachineFixture.new(name, text))
            }
            var revisions: Set<String> = []
            for name in names {
                revisions.insert(try await machines.resolve(Self.prefix + name).revision)
            }
            #expect(revisions.count == 2)
        }
    }

    @Test func `machines are listed in the order of their names, in pages`() async throws {
        try await MachineFixture.run { machines, _ in
            for name in ["b", "a", "é", "B", "c"] {
                try await machines.create(MachineFixture.new(name))
            }
            let first = try await machines.machines(limit: 3).map(\.name)
            #expect(first == ["B", "a", "b"])
            #expect(try await machines.machines(after: "b").map(\.name) == ["c", "é"])
        }
    }

    @Test(
        arguments: [
            ("", false), ("a b", false), ("a:b", false), ("a/b", false), ("a\u{7}b", false),
            ("a\u{A0}b", false), ("x", true), ("Ärger-1_2.3!", true), ("a(b)=@'+", true),
            (String(repeating: "x", count: 80), true), (String(repeating: "x", count: 81), false),
        ]
    )
    func `a name is short and has no letters that resource names read`(
        _ name: String,
        _ isName: Bool
    ) async throws {
        let refusal = await MachineFixture.refusal { try StatesName.check(name) }
        #expect(refusal == (isName ? nil : .invalidName))
    }

    @Test(
        arguments: [
            (prefix + "m", nil), (prefix + "m:1", "1"), (prefix + "m:live", "live"), (prefix, "!"),
            (prefix + "m:", "!"), (prefix + "m:1:2", "!"), ("m", "!"), ("arn:aws:states", "!"),
            ("arn:aws:states:us-east-1:000000000000:activity:m", "!"),
            ("arn:aws:lambda:us-east-1:000000000000:stateMachine:m", "!"),
        ] as [(String, String?)]
    )
    func `a resource name is taken apart or refused`(_ text: String, _ qualifier: String?) throws {
        guard qualifier != "!" else {
            #expect(throws: StatesError.self) { try StatesARN(text) }
            return
        }
        let name = try StatesARN(text)
        #expect(name.name == "m" && name.qualifier == qualifier)
    }

    @Test func `what no machine is stands for nothing`() async throws {
        try await MachineFixture.run { machines, _ in
            try await machines.create(MachineFixture.new())
            let elsewhere = "arn:aws:states:eu-west-1:000000000000:stateMachine:m"
            for arn in [Self.prefix + "n", Self.prefix + "m:1", Self.prefix + "m:x", elsewhere] {
                let refusal = await MachineFixture.refusal { _ = try await machines.resolve(arn) }
                #expect(refusal == .stateMachineDoesNotExist)
            }
        }
    }

    @Test func `the ten thousand and first machine is refused`() async throws {
        try await MachineFixture.run { machines, _ in
            try await machines.create(MachineFixture.new())
            #expect(machines.counts.withLock { $0.machines } == 1)
            machines.counts.withLock { $0.machines = StatesLimits.machines }
            let refusal = await MachineFixture.refusal {
                try await machines.create(MachineFixture.new("n"))
            }
            #expect(refusal == .stateMachineLimitExceeded)
            try await machines.delete(Self.prefix + "m")
            try await machines.create(MachineFixture.new("n"))
        }
    }
}
