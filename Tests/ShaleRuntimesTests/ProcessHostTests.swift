import ShaleFunctions
import ShalePlatform
import Testing

@testable import ShaleRuntimes

/// Real processes, and how their invocations end.
@Suite(.serialized) struct ProcessHostTests {
    @Test func `a process answers, is frozen, and answers again`() async throws {
        try await HostFixture.with { fixture in
            let archive = Bootstrap.archive(Bootstrap.echo)
            let environment = try await fixture.start(HostFixture.function(archive), archive)
            let first = await environment.invoke(HostFixture.invocation("7"))
            #expect(first.text == "7")
            #expect(first.functionError == nil)
            #expect(first.initialisation != nil)
            #expect(first.residentBytes > 1_000_000)
            #expect(first.lines == ["called"])
            let second = await environment.invoke(HostFixture.invocation("8", "two"))
            #expect(second.text == "8")
            #expect(second.initialisation == nil)
            #expect(second.lines == ["called"])
            #expect(environment.isAlive)
            #expect(fixture.log.texts == ["called", "called"])
        }
    }

    #if os(Linux)
    @Test(.timeLimit(.minutes(20)))
    func `between invocations a process is stopped, whatever it does beside`() async throws {
        try await HostFixture.with { fixture in
            let text = """
                import threading
                def spin():
                    while True: pass
                threading.Thread(target=spin, daemon=True).start()
                while True:
                    identity, headers, body = take()
                    answer(identity, str(os.getpid()))
                """
            let archive = Bootstrap.archive(text)
            let environment = try await fixture.start(HostFixture.function(archive), archive)
            for number in 1...3 {
                let outcome = await environment.invoke(HostFixture.invocation("{}", "\(number)"))
                let place = "/proc/\(outcome.text)/stat"
                var line = ""
                while !line.contains(") T "), !Task.isCancelled {
                    line = String(decoding: ProgramFiles.contents(place), as: UTF8.self)
                    await Task.yield()
                }
                #expect(line.contains(") T "))
            }
        }
    }
    #endif

    struct Case: CustomTestStringConvertible, Sendable {
        var testDescription: String
        var bootstrap: String
        var seconds = 10
        /// What the payload holds.
        var payload: String
        var status: String
    }

    private static let looped = "RequestId: one Error: Task timed out after 1.00 seconds"
    private static let ended = "RequestId: one Error: Runtime exited with error: "

    static let endings = [
        Case(
            testDescription: "tells an error",
            bootstrap: """
                identity, headers, body = take()
                kind = {"Lambda-Runtime-Function-Error-Type": "Function.Odd"}
                call("POST", f"invocation/{identity}/error", b'{"errorMessage":"odd"}', kind)
                """,
            payload: #"{"errorMessage":"odd"}"#,
            status: "error\tError Type: Function.Odd"
        ),
        Case(
            testDescription: "cannot initialise",
            bootstrap: """
                kind = {"Lambda-Runtime-Function-Error-Type": "Runtime.NoHandler"}
                call("POST", "init/error", b'{"errorMessage":"no handler"}', kind)
                """,
            payload: #"{"errorMessage":"no handler"}"#,
            status: "error\tError Type: Runtime.NoHandler"
        ),
        Case(
            testDescription: "exits before it asks",
            bootstrap: "sys.exit(7)",
            payload: ended + "exit status 7",
            status: "error\tError Type: Runtime.ExitError"
        ),
        Case(
            testDescription: "exits while it is called",
            bootstrap: "take(); sys.exit(3)",
            payload: ended + "exit status 3",
            status: "error\tError Type: Runtime.ExitError"
        ),
        Case(
            testDescription: "kills itself",
            bootstrap: "take(); os.kill(os.getpid(), 9)",
            payload: ended + "signal: killed",
            status: "error\tError Type: Runtime.ExitError"
        ),
        Case(
            testDescription: "asks instead of answering",
            bootstrap: "take(); take()",
            payload: ended + "signal: killed",
            status: "error\tError Type: Runtime.ExitError"
        ),
        Case(
            testDescription: "loops for ever",
            bootstrap: "take()\nwhile True: pass",
            seconds: 1,
            payload: looped,
            status: "timeout"
        ),
        Case(
            testDescription: "prints without end",
            bootstrap: "take()\nwhile True: os.write(1, b'x' * 65536)",
            seconds: 1,
            payload: looped,
            status: "timeout"
        ),
        Case(
            testDescription: "answers 7 MB",
            bootstrap: """
                identity, headers, body = take()
                status, headers, body = answer(identity, b"7" * 7_000_000)
                sys.exit(status - 400)
                """,
            payload: "Response payload size exceeded maximum allowed payload size (6291556 bytes).",
            status: "error\tError Type: Function.ResponseSizeTooLarge"
        ),
        Case(
            testDescription: "eats memory",
            bootstrap: """
                take()
                eaten = []
                while True:
                    eaten.append(bytearray(b"x" * 1_000_000))
                    time.sleep(0.001)
                """,
            payload: ended + "signal: killed",
            status: "error\tError Type: Runtime.OutOfMemory"
        ),
        Case(
            testDescription: "forks, and its children fork",
            bootstrap: """
                take()
                while True:
                    try: os.fork()
                    except OSError: pass
                """,
            seconds: 2,
            payload: "RequestId: one Error: ",
            status: ""
        ),
    ]

    @Test(arguments: endings)
    func `what a process does wrong is named, and ends with it`(wrong: Case) async throws {
        try await HostFixture.with { fixture in
            let outcome = try await fixture.outcome(wrong.bootstrap, seconds: wrong.seconds)
            #expect(outcome.functionError == "Unhandled")
            #expect(outcome.text.contains(wrong.payload))
            #expect(wrong.status.isEmpty || outcome.status == wrong.status)
            let written = outcome.lines.reduce(0) { $0 + $1.utf8.count }
            #expect(written <= 2 * FunctionLimits.logTailBytes)
        }
    }

    @Test func `6,291,556 bytes are an answer, in one piece or in many`() async throws {
        try await HostFixture.with { fixture in
            let text = """
                identity, headers, body = take()
                answer(identity, b"7" * 6_291_556)
                identity, headers, body = take()
                answer(identity, (b"8" * 4 for _ in range(1000)))
                take()
                """
            let archive = Bootstrap.archive(text)
            let environment = try await fixture.start(HostFixture.function(archive), archive)
            let whole = await environment.invoke(HostFixture.invocation())
            #expect(whole.payload.count == FunctionLimits.responseBytes)
            #expect(whole.functionError == nil)
            let pieces = await environment.invoke(HostFixture.invocation("{}", "two"))
            #expect(pieces.text == String(repeating: "8", count: 4_000))
        }
    }

    @Test func `the API answers as the service does, and refuses what is not due`() async throws {
        try await HostFixture.with { fixture in
            let text = """
                identity, headers, body = take()
                names = ["Aws-Request-Id", "Invoked-Function-Arn", "Client-Context"]
                told = [headers["Lambda-Runtime-" + name] for name in names]
                told.append(str(float(headers["Lambda-Runtime-Deadline-Ms"]) > time.time() * 1000))
                told.append(headers["Lambda-Runtime-Trace-Id"][:7])
                told.append(str(answer("other", b"")[0]))
                told.append(str(call("GET", "nothing")[0]))
                told.append(str(call("POST", "init/error", b"")[0]))
                told.append(call("GET", "nothing")[2].decode())
                status, headers, body = answer(identity, "|".join(told))
                print(status, body.decode(), answer(identity, b"")[0] in (400, 403))
                identity, headers, body = take()
                answer(identity, body)
                take()
                """
            let archive = Bootstrap.archive(text)
            let environment = try await fixture.start(HostFixture.function(archive), archive)
            var invocation = HostFixture.invocation()
            invocation.clientContext = "eyJhIjoxfQ=="
            let first = await environment.invoke(invocation)
            let wanted =
                #"one|arn:thing|{"a":1}|True|Root=1-|400|404|403|{"errorMessage":"There is no such "#
                + #"call of the Runtime API.","errorType":"NotFound"}"#
            #expect(first.text == wanted)
            // Nothing is an empty object.
            let second = await environment.invoke(HostFixture.invocation("", "two"))
            #expect(second.text == "{}")
            #expect(second.lines == [#"202 {"status":"OK"} True"#])
        }
    }
}
