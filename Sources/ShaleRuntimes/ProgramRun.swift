internal import NIOCore
internal import NIOPosix
internal import ShaleFunctions
internal import ShalePlatform

/// A program that is run to its end, as an installer is.
struct ProgramRun: Sendable {
    /// How it ended.
    struct End: Sendable {
        /// What `waitpid` says.
        var status: Int32
        /// The end of what it wrote.
        var lines: [String]
    }

    let watch: ProcessWatch
    let loop: any EventLoop

    /// Bytes that are kept of what it writes.
    private static let keptBytes = 2_000
    /// How often what it writes is taken out of the pipe: often enough that the pipe is rarely full.
    private static let interval = TimeAmount.milliseconds(20)

    /// Runs a program; it is killed where it takes longer than `limit`.
    ///
    /// - Throws: `FileError` where it cannot be started.
    func run(_ program: ChildProgram, limit: TimeAmount) async throws -> End {
        let ended = loop.makePromise(of: End.self)
        let loop = loop
        let watch = watch
        loop.execute {
            do throws(FileError) {
                let pipe = try ChildProcess.makePipe()
                defer { ChildProcess.close(pipe.writing) }
                let state = NIOLoopBound(Output(pipe.reading), eventLoop: loop)
                do throws(FileError) {
                    let process = try program.start(output: pipe.writing)
                    let reading = loop.scheduleRepeatedTask(
                        initialDelay: Self.interval,
                        delay: Self.interval
                    ) { _ in state.value.read() }
                    let timer = loop.scheduleTask(in: limit) {
                        ChildProcess.signal(process, .kill)
                    }
                    try watch.add(process) {
                        loop.execute {
                            reading.cancel()
                            timer.cancel()
                            ChildProcess.signal(process, .kill)
                            let status = ChildProcess.reap(process) ?? 0
                            ended.succeed(End(status: status, lines: state.value.close()))
                        }
                    }
                } catch {
                    _ = state.value.close()
                    throw error
                }
            } catch {
                ended.fail(error)
            }
        }
        return try await ended.futureResult.get()
    }

    /// What it writes; on the loop.
    private final class Output {
        private let descriptor: Int32
        private var lines = OutputLines(limit: ProgramRun.keptBytes)
        private var tail = LineTail(limit: ProgramRun.keptBytes)

        init(_ descriptor: Int32) { self.descriptor = descriptor }

        func read() {
            while true {
                let bytes = ChildProcess.read(descriptor, limit: 65_536)
                if bytes.isEmpty { return }
                lines.append(bytes) { tail.append($0) }
            }
        }

        func close() -> [String] {
            read()
            lines.finish { tail.append($0) }
            ChildProcess.close(descriptor)
            return tail.take()
        }
    }
}
