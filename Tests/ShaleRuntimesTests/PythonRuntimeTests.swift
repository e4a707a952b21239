import NIOPosix
import ShaleFunctions
import ShaleItems
import ShalePlatform
import ShaleTables
import Testing

@testable import ShaleRuntimes

/// The service's own runtime client for Python, in a virtual environment that is kept from run to run.
@Suite(.serialized) struct PythonRuntimeTests {
    /// The cache of virtual environments for tests of this copy of the source.
    private static let pythons: String = {
        var hash: UInt64 = 5_381
        for byte in #filePath.utf8 { hash = hash &* 33 &+ UInt64(byte) }
        return "/var/tmp/shale-test-pythons-\(String(hash, radix: 36))"
    }()

    /// The interpreter of this machine, where there is one.
    private static var interpreter: String? {
        let configuration = ProcessConfiguration(cache: "")
        let interpreters = Interpreters(
            given: [:],
            searchPath: configuration.searchPath,
            mustBeOpenToAll: ChildProcess.mayChangeUser
        )
        return interpreters.newest()?.path
    }

    /// Runs `body` with a host that can run Python; says so and does nothing where it cannot be had.
    private static func withPython(
        _ body: (HostFixture) async throws -> Void
    ) async throws {
        guard let interpreter else { return print("skipped: no python3 that all can read") }
        try await HostFixture.with {
            $0.pythons = pythons
        } _: { fixture in
            do throws(FunctionError) {
                try await fixture.host.pythons.make(interpreter)
            } catch {
                return print("skipped: no awslambdaric: \(error.message)")
            }
            try await body(fixture)
        }
    }

    private static func outcome(
        _ fixture: HostFixture,
        _ text: String,
        handler: String = "main.handler"
    ) async throws -> InvocationOutcome {
        let archive = Zip.archive([("main.py", text)], mode: 0o100644)
        let function = HostFixture.function(archive, runtime: "python3.11", handler: handler)
        let environment = try await fixture.start(function, archive)
        return await environment.invoke(HostFixture.invocation(#"{"a":1}"#))
    }

    @Test func `a Python handler answers`() async throws {
        try await Self.withPython { fixture in
            let text = """
                import os
                def handler(event, context):
                    print("seen", event)
                    left = context.get_remaining_time_in_millis()
                    return [event, context.aws_request_id, left > 1000]
                """
            let outcome = try await Self.outcome(fixture, text)
            #expect(outcome.text == #"[{"a": 1}, "one", true]"#)
            #expect(outcome.lines == ["seen {'a': 1}"])
            #expect(outcome.status == nil)
        }
    }

    @Test(arguments: [
        ("def handler(e, c): raise ValueError('odd')", "main.handler", "ValueError", "odd"),
        ("", "main.handler", "Runtime.HandlerNotFound", "Handler 'handler' missing"),
        ("", "other.handler", "Runtime.ImportModuleError", "import module 'other'"),
        ("def handler(e, c): return {1}", "main.handler", "Runtime.MarshalError", "marshal"),
        ("def handler(e, c): exit(5)", "main.handler", "Runtime.ExitError", "exit status 5"),
    ])
    func `what is wrong with a handler is named`(
        text: String,
        handler: String,
        type: String,
        message: String
    ) async throws {
        try await Self.withPython { fixture in
            let outcome = try await Self.outcome(fixture, text, handler: handler)
            #expect(outcome.functionError == "Unhandled")
            #expect(outcome.text.contains(type))
            #expect(outcome.text.contains(message))
        }
    }

    @Test func `a function is created, becomes active, and is invoked`() async throws {
        try await Self.withPython { fixture in
            var world = fixture.world
            world.files = MemoryFileSystem()
            let database = try await Database.open("data", in: world)
            let functions = try await Functions(
                database,
                host: fixture.host,
                log: fixture.log,
                world: world,
                region: "us-east-1",
                account: "000000000000"
            )
            let archive = Zip.archive([("main.py", "def handler(e, c): return e['n'] * 2")])
            let given: Item = [
                "FunctionName": "double", "Runtime": "python3.99", "Handler": "main.handler",
            ]
            _ = try await functions.create(given, archive: archive)
            while try await functions.function("double").state == "Pending" { await Task.yield() }
            #expect(try await functions.function("double").state == "Active")
            let first = try await functions.invoke("double", payload: Array(#"{"n":21}"#.utf8))
            #expect(first.outcome.text == "42")
            let second = try await functions.invoke("double", payload: Array(#"{"n":4}"#.utf8))
            #expect(second.outcome.text == "8")
            #expect(fixture.log.texts.contains { $0.hasPrefix("python3.99 is not here: python3.") })
            // The machine may lose its cache.
            functions.stop()
            try ProgramFiles.removeTree(
                fixture.host.code.place(try await functions.function("double").codeIdentity)
            )
            let third = try await functions.invoke("double", payload: Array(#"{"n":5}"#.utf8))
            #expect(third.outcome.text == "10")
            functions.stop()
            try await database.close()
        }
    }
}
