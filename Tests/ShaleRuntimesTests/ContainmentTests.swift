import ShaleFunctions
import ShaleItems
import ShalePlatform
import Testing

@testable import ShaleRuntimes

/// What a process sees, and what is left of it.
@Suite(.serialized) struct ContainmentTests {
    @Test func `a process sees the service's variables and its own, and no others`() async throws {
        try await HostFixture.with { fixture in
            let text = """
                identity, headers, body = take()
                own = {k: v for k, v in os.environ.items() if k not in ("LC_CTYPE",)}
                answer(identity, "\\n".join(sorted(own)) + "\\n" + os.environ["OWN"] + os.getcwd())
                """
            let archive = Bootstrap.archive(text)
            let function = HostFixture.function(archive, variables: ["OWN": "mine"])
            let environment = try await fixture.start(function, archive)
            let outcome = await environment.invoke(HostFixture.invocation())
            let names = [
                "AWS_DEFAULT_REGION", "AWS_EXECUTION_ENV", "AWS_LAMBDA_FUNCTION_MEMORY_SIZE",
                "AWS_LAMBDA_FUNCTION_NAME", "AWS_LAMBDA_FUNCTION_VERSION",
                "AWS_LAMBDA_INITIALIZATION_TYPE", "AWS_LAMBDA_LOG_GROUP_NAME",
                "AWS_LAMBDA_LOG_STREAM_NAME", "AWS_LAMBDA_RUNTIME_API", "AWS_REGION", "HOME",
                "LAMBDA_TASK_ROOT", "LANG", "OWN", "PATH", "TMPDIR", "TZ", "_HANDLER",
            ]
            let place = fixture.host.code.place(function.codeIdentity)
            #expect(outcome.text == (names + ["mine" + place]).joined(separator: "\n"))
        }
    }

    @Test func `layers are one tree, found by variables and where granted as /opt`() async throws {
        try await HostFixture.with { fixture in
            let text = """
                identity, headers, body = take()
                place = os.environ["PATH"].split(":")[-1][:-len("/bin")]
                told = [open(f"{place}/{name}").read() for name in ("a", "b", "only")]
                told.append(os.environ["LD_LIBRARY_PATH"] == f"{place}/lib")
                told.append(sorted(os.listdir("/opt")) if os.path.exists("/opt/only") else "covered not")
                answer(identity, " ".join(map(str, told)))
                """
            let archive = Bootstrap.archive(text)
            let layers = [
                Zip.archive([("a", "1"), ("b", "1")]), Zip.archive([("b", "2"), ("only", "2")]),
            ]
            var function = HostFixture.function(archive)
            function.fields["#layers"] = .list(
                layers.map { .string(CodeStore.identity($0).name) }
            )
            let code = FunctionCode(archive, layers: layers)
            _ = try await fixture.host.prepare(function, code: code)
            let environment = try await fixture.host.start(function, stream: "stream")
            let outcome = await environment.invoke(HostFixture.invocation())
            let seen = ["['a', 'b', 'only']", "covered not"].map { "1 2 2 True \($0)" }
            #expect(seen.contains(outcome.text))
        }
    }

    @Test func `its directory is its own, the code is not, and nothing is left`() async throws {
        let directory = try await HostFixture.with { fixture in
            let text = """
                identity, headers, body = take()
                open(os.environ["TMPDIR"] + "/a", "w").write("1")
                os.makedirs(os.environ["HOME"] + "/b/c")
                told = [oct(os.stat(os.environ["HOME"]).st_mode & 0o777)]
                for path in ("new", os.environ["HOME"] + "/../../code/new"):
                    try: open(path, "w"); told.append("written")
                    except OSError: told.append("refused")
                try: told.append(str(os.listdir(os.environ["HOME"] + "/..")))
                except OSError: told.append("hidden")
                answer(identity, " ".join(told))
                take()
                """
            let outcome = try await fixture.outcome(text)
            if ChildProcess.mayChangeUser {
                #expect(outcome.text == "0o700 refused refused hidden")
            }
            let environments = fixture.directory + "/environments"
            #expect(ProgramFiles.names(in: environments).count == 1)
            await fixture.host.running.endAll()
            #expect(ProgramFiles.names(in: environments).isEmpty)
            return fixture.directory
        }
        #expect(ProgramFiles.status(directory) == nil)
    }

    @Test(.enabled(if: ChildProcess.mayChangeUser))
    func `children that leave the group end with it, and are nobody's`() async throws {
        try await HostFixture.with { fixture in
            let text = """
                identity, headers, body = take()
                child = os.fork()
                if child == 0:
                    os.setsid()
                    while True: time.sleep(100)
                answer(identity, f"{child} {os.getuid()} {os.getgroups()}")
                take()
                """
            let outcome = try await fixture.outcome(text)
            let told = outcome.text.split(separator: " ")
            #expect((61_184...65_519).contains(UInt32(told[1]) ?? 0))
            #expect(told[2] == "[]")
            #expect(ProgramFiles.status("/proc/\(told[0])") != nil)
            await fixture.host.running.endAll()
            // A process that is only to be reaped has no program.
            #expect(ProgramFiles.realPath("/proc/\(told[0])/exe") == nil)
        }
    }

    @Test(.enabled(if: ChildProcess.mayChangeUser))
    func `a function is not answered where another one listens`() async throws {
        try await HostFixture.with { fixture in
            let victim = Bootstrap.archive(
                """
                while True:
                    identity, headers, body = take()
                    answer(identity, os.environ["AWS_LAMBDA_RUNTIME_API"])
                """
            )
            let thief = Bootstrap.archive(
                """
                identity, headers, body = take()
                stolen = http.client.HTTPConnection(body.decode())
                try:
                    stolen.request("GET", "/2018-06-01/runtime/nothing")
                    answer(identity, str(stolen.getresponse().status))
                except OSError: answer(identity, "refused")
                take()
                """
            )
            let first = try await fixture.start(HostFixture.function(victim), victim)
            let address = await first.invoke(HostFixture.invocation()).text
            let second = try await fixture.start(HostFixture.function(thief), thief)
            #expect(await second.invoke(HostFixture.invocation(address)).text == "refused")
            #expect(await first.invoke(HostFixture.invocation("{}", "two")).text == address)
        }
    }

    @Test func `what a killed server has left is removed by the next`() async throws {
        try await HostFixture.with { fixture in
            let environments = fixture.directory + "/environments"
            let users = FunctionUsers(5...6, locks: environments)
            try ProgramFiles.makeDirectory(environments + "/left", mode: 0o700)
            var deep = environments + "/left"
            for _ in 0..<100 {
                deep += "/d"
                try ProgramFiles.makeDirectory(deep, mode: 0o700)
            }
            try ProgramFiles.write([1], deep + "/f", mode: 0o400)
            _ = try PrivateDirectories(environments, users)
            #expect(ProgramFiles.names(in: environments).isEmpty)
        }
    }

    @Test func `an environment has a user of its own, until none is left`() throws {
        let locks = "/var/tmp/shale-test-users"
        try ProgramFiles.removeTree(locks)
        let users = FunctionUsers(5...6, locks: locks)
        #expect(try users.take() == 5)
        #expect(try users.take() == 6)
        #expect(throws: FunctionError.self) { try users.take() }
        // Other hosts of the machine see that.
        let others = FunctionUsers(5...7, locks: locks)
        #expect(try others.take() == 7)
        users.give(5)
        #expect(try others.take() == 5)
        #expect(throws: FunctionError.self) { try users.take() }
        let one = FunctionUsers(7...7, locks: locks)
        #expect(try one.take() == 7)
        #expect(try one.take() == 7)
        try ProgramFiles.removeTree(locks)
    }

    @Test(.enabled(if: ChildProcess.mayChangeUser))
    func `a hidden directory is not there for a process`() async throws {
        let secret = "/var/tmp/shale-secret"
        try ProgramFiles.removeTree(secret)
        try ProgramFiles.makeDirectory(secret, mode: 0o755)
        try ProgramFiles.write([0x31], secret + "/file", mode: 0o444)
        try await HostFixture.with {
            $0.hidden = [secret]
        } _: { fixture in
            let text = """
                identity, headers, body = take()
                try: answer(identity, open("\(secret)/file").read())
                except OSError as error: answer(identity, type(error).__name__)
                """
            let outcome = try await fixture.outcome(text)
            #expect(outcome.text == "PermissionError")
        }
        try ProgramFiles.removeTree(secret)
    }
}
