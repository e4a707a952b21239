import NIOPosix
import ShaleFunctions
import ShalePlatform
import Testing

@testable import ShaleRuntimes

#if canImport(Glibc)
import Glibc
#elseif canImport(Darwin)
import Darwin
#endif

/// What a host leaves that is killed: nothing that runs, and nothing that the next does not remove.
@Suite struct LeftBehindTests {
    private static let directory = "/var/tmp/shale-test-left-behind"

    /// Starts a function that has a child outside of its group, and dies by a signal that nobody can catch.
    private static func dieWithFunction() async throws {
        let text = """
            identity, headers, body = take()
            child = os.fork()
            if child == 0:
                os.setsid()
                while True: time.sleep(100)
            answer(identity, f"{os.getpid()} {child}")
            take()
            """
        let host = try ProcessHost(
            ProcessConfiguration(cache: directory),
            group: .singletonMultiThreadedEventLoopGroup,
            log: HostFixture.Lines(),
            world: .posix()
        )
        let archive = Bootstrap.archive(text)
        let function = HostFixture.function(archive)
        _ = try await host.prepare(function, code: FunctionCode(archive))
        let environment = try await host.start(function, stream: "stream")
        let outcome = await environment.invoke(HostFixture.invocation())
        try ProgramFiles.write(outcome.payload, directory + "/processes", mode: 0o600)
        kill(getpid(), SIGKILL)
    }

    @Test(.enabled(if: ChildProcess.mayChangeUser))
    func `a killed host leaves no process, and the next no directory`() async throws {
        try ProgramFiles.removeTree(Self.directory)
        await #expect(processExitsWith: .signal(SIGKILL)) { try await Self.dieWithFunction() }
        let bytes = ProgramFiles.contents(Self.directory + "/processes")
        let processes = String(decoding: bytes, as: UTF8.self).split(separator: " ")
        try #require(processes.count == 2)
        // The kernel ends the function with the thread that started it; the next host ends the stray.
        try await HostFixture.with {
            $0.cache = Self.directory
        } _: { fixture in
            #expect(ProgramFiles.names(in: Self.directory + "/environments").isEmpty)
            for process in processes {
                #expect(ProgramFiles.realPath("/proc/\(process)/exe") == nil)
            }
        }
        try ProgramFiles.removeTree(Self.directory)
    }
}
