import ShalePlatform
import Testing

/// Processes that are started, signalled, watched and reaped.
@Suite struct ChildProgramTests {
    private static func program(_ script: String) -> ChildProgram {
        ChildProgram("/bin/sh", ["sh", "-c", script], variables: ["A=1"], directory: "/")
    }

    /// Runs a script to its end: what it wrote and what `waitpid` says.
    private static func run(
        _ program: ChildProgram,
        _ meanwhile: (Int32) -> Void = { _ in }
    ) async throws -> (text: String, status: Int32?) {
        let watch = try ProcessWatch()
        let pipe = try ChildProcess.makePipe()
        let process = try program.start(output: pipe.writing)
        ChildProcess.close(pipe.writing)
        meanwhile(process)
        await withCheckedContinuation { continuation in
            do {
                try watch.add(process) { continuation.resume() }
            } catch {
                Issue.record(error)
                continuation.resume()
            }
        }
        let text = String(decoding: ChildProcess.read(pipe.reading, limit: 4_096), as: UTF8.self)
        ChildProcess.close(pipe.reading)
        let status = ChildProcess.reap(process)
        watch.stop()
        return (text, status)
    }

    @Test func `a program has its variables, its directory, and one end`() async throws {
        let end = try await Self.run(Self.program("echo $A $B; pwd; echo odd >&2; exit 3"))
        #expect(end.text == "1\n/\nodd\n")
        #expect(end.status == 3 << 8)
    }

    @Test func `a signal reaches the whole group`() async throws {
        let end = try await Self.run(Self.program("cat /dev/zero & wait")) { process in
            ChildProcess.signal(process, .suspend)
            ChildProcess.signal(process, .resume)
            ChildProcess.signal(process, .kill)
        }
        #expect(end.status == 9)
    }

    @Test func `what cannot be executed is an error, and no process`() throws {
        let pipe = try ChildProcess.makePipe()
        defer {
            ChildProcess.close(pipe.reading)
            ChildProcess.close(pipe.writing)
        }
        let program = ChildProgram("/nothing", ["x"], variables: [], directory: "/")
        let error = #expect(throws: FileError.self) { try program.start(output: pipe.writing) }
        #expect(error?.code == .notFound)
    }

    @Test(.enabled(if: ChildProcess.mayChangeUser))
    func `a program runs as the user that was named, with no group of ours`() async throws {
        var program = Self.program("id -u; id -G; umask")
        program.user = 61_000
        #expect(try await Self.run(program).text == "61000\n61000\n0077\n")
    }

    @Test(.enabled(if: ChildProcess.mayChangeUser))
    func `all of a user are ended, in whatever session they are`() async throws {
        var program = Self.program("setsid cat /dev/zero")
        program.user = 61_001
        let end = try await Self.run(program) { _ in
            while !ChildProcess.endAll(of: 61_001) {}
        }
        #expect(end.status == 9)
        #expect(!ChildProcess.endAll(of: 0))
    }

    #if os(Linux)
    @Test func `memory is counted by session`() async throws {
        _ = try await Self.run(Self.program("exec cat /dev/zero")) { process in
            // In the middle of `exec` it has none.
            while (ChildProcess.residentBytesBySession()[process] ?? 0) == 0 {}
            #expect(ChildProcess.residentBytes(process) > 0)
            ChildProcess.signal(process, .kill)
        }
    }
    #endif
}
