internal import NIOCore
internal import NIOHTTP1
internal import NIOPosix
internal import ShaleFunctions
internal import ShalePlatform
internal import Synchronization

/// The start of one environment: a directory, a listener, a pipe, a process, in this order; and the way back.
struct EnvironmentStart {
    let host: ProcessHost
    let function: FunctionConfiguration
    let stream: String
    /// Whom it runs as; this start gives the user back.
    let user: UInt32

    /// Starts it.
    ///
    /// - Throws: `.service` with what the machine refuses; nothing is left of it then.
    func run() async throws(FunctionError) -> ProcessEnvironment {
        let identity = makeIdentity()
        guard host.running.enter(identity) else {
            host.users.give(user)
            throw FunctionError(.service, "The host of functions is shutting down.")
        }
        let place: String
        do throws(FileError) {
            place = try host.directories.make(identity, for: user)
        } catch {
            host.users.give(user)
            host.running.leave(identity)
            throw failure(error)
        }
        let cleanup = EnvironmentCleanup(
            host: host,
            identity: identity,
            place: place,
            user: user,
            group: function.logGroup,
            stream: stream
        )
        let loop = host.group.next()
        let life = ProcessEnvironment.Life()
        do {
            let core = try await start(in: place, loop, life, cleanup)
            let environment = ProcessEnvironment(stream: stream, core, loop, life)
            host.running.add(identity, environment)
            return environment
        } catch {
            cleanup.run()
            throw failure(error)
        }
    }

    private func makeIdentity() -> String {
        String(host.world.randomness.next(), radix: 36)
            + String(host.world.randomness.next(), radix: 36)
    }

    private func failure(_ error: any Error) -> FunctionError {
        if let error = error as? FunctionError { return error }
        var message = "An environment of \(function.name) could not be started: \(error)."
        if mustCover, (error as? FileError)?.code == .permissionDenied {
            let places = host.configuration.hidden.joined(separator: ", ")
            message +=
                " Where the kernel grants no name space of mounts, nobody but the owner may read "
                + places + "."
        }
        return FunctionError(.service, message)
    }

    private func start(
        in place: String,
        _ loop: any EventLoop,
        _ life: ProcessEnvironment.Life,
        _ cleanup: EnvironmentCleanup
    ) async throws -> NIOLoopBound<EnvironmentCore> {
        let pipe = try ChildProcess.makePipe()
        defer { ChildProcess.close(pipe.writing) }
        let core: NIOLoopBound<EnvironmentCore>
        do {
            core = try await loop.submit {
                NIOLoopBound(makeCore(loop, life), eventLoop: loop)
            }.get()
        } catch {
            ChildProcess.close(pipe.reading)
            throw error
        }
        var channels: [any Channel] = []
        do {
            channels.append(try await read(pipe.reading, core, loop))
            channels.append(try await listen(core, loop))
            let port = channels[1].localAddress?.port ?? 0
            let program = try program(place, port)
            let open = channels
            let watch = host.watch
            try await loop.submit {
                let process = try program.start(output: pipe.writing)
                do throws(FileError) {
                    try watch.add(process) {
                        loop.execute {
                            core.value.ended()
                            cleanup.run()
                        }
                    }
                } catch {
                    ChildProcess.end(process)
                    throw error
                }
                core.value.started(process, open)
            }.get()
            return core
        } catch {
            for channel in channels { channel.close(promise: nil) }
            throw error
        }
    }

    private func makeCore(
        _ loop: any EventLoop,
        _ life: ProcessEnvironment.Life
    ) -> EnvironmentCore {
        let output = EnvironmentOutput(
            group: function.logGroup,
            stream: stream,
            log: host.log,
            time: host.world.time
        )
        let fixed = EnvironmentCore.Fixed(
            timeoutSeconds: function.timeoutSeconds,
            memoryBytes: function.memoryMegabytes * 1_048_576,
            loop: loop,
            time: host.world.time,
            randomness: host.world.randomness,
            residents: host.residents
        ) { life.end() }
        return EnvironmentCore(fixed, output)
    }

    /// Has the loop read the pipe, which it closes.
    private func read(
        _ pipe: Int32,
        _ core: NIOLoopBound<EnvironmentCore>,
        _ loop: any EventLoop
    ) async throws -> any Channel {
        try await NIOPipeBootstrap(group: loop)
            .channelOption(.autoRead, value: false)
            .channelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    let handler = OutputHandler(core.value.output)
                    try channel.pipeline.syncOperations.addHandler(handler)
                }
            }
            .takingOwnershipOfDescriptor(input: pipe)
            .get()
    }

    /// Listens for the process, on a port of its own that the kernel chooses.
    private func listen(
        _ core: NIOLoopBound<EnvironmentCore>,
        _ loop: any EventLoop
    ) async throws -> any Channel {
        let isAlone = ChildProcess.mayChangeUser && !host.users.isShared
        let expected = isAlone ? user : nil
        return try await ServerBootstrap(group: loop, childGroup: loop)
            .childChannelOption(.socketOption(.tcp_nodelay), value: 1)
            .childChannelInitializer { channel in
                channel.eventLoop.makeCompletedFuture {
                    guard core.value.takesConnections, LoopbackPeer.isOf(expected, channel) else {
                        channel.close(promise: nil)
                        return
                    }
                    let pipeline = channel.pipeline.syncOperations
                    let connection = RuntimeConnection(core.value)
                    try pipeline.addHandlers([
                        HTTPResponseEncoder(),
                        ByteToMessageHandler(HTTPRequestDecoder(leftOverBytesStrategy: .dropBytes)),
                        connection,
                    ])
                    core.value.connected(connection)
                }
            }
            .bind(host: "127.0.0.1", port: 0)
            .get()
    }

    private func program(_ place: String, _ port: Int) throws(FunctionError) -> ChildProgram {
        let configuration = host.configuration
        let code = host.code.place(function.codeIdentity)
        let isCovered = ChildProcess.mayChangeUser && !configuration.cache.hasPrefix("/tmp/")
        let places = EnvironmentVariables.Places(
            runtimeAPI: "127.0.0.1:\(port)",
            code: code,
            home: place,
            temporary: place,
            stream: stream,
            layers: function.layersIdentity.map(host.code.place)
        )
        let (path, arguments) = try command(code)
        var program = ChildProgram(
            path,
            arguments,
            variables: EnvironmentVariables.make(function, places, configuration),
            directory: code
        )
        program.user = user
        program.openFiles = configuration.openFiles
        program.processes = configuration.processes
        program.fileBytes = configuration.fileBytes
        program.temporary = isCovered ? place : nil
        program.layers = coversOptional(path) ? places.layers : nil
        program.hidden = configuration.hidden
        program.mustCover = mustCover
        return program
    }

    /// Whether the machine's own `/opt` can be covered: nothing that the process needs is there.
    private func coversOptional(_ program: String) -> Bool {
        let needed = [program, ProgramFiles.realPath(program) ?? "", host.configuration.cache]
        return !needed.contains { $0.hasPrefix("/opt/") }
    }

    /// What is executed.
    private func command(
        _ code: String
    ) throws(FunctionError) -> (path: String, arguments: [String]) {
        guard let interpreter = try host.interpreter(of: function) else {
            return (host.bootstrap(of: function) ?? code + "/bootstrap", ["bootstrap"])
        }
        let python = host.pythons.program(interpreter)
        return (python, [python, "-m", PythonEnvironments.client, function.handler])
    }

    /// Whether others may read what is to be hidden, so that hiding it must not fail.
    private var mustCover: Bool {
        guard ChildProcess.mayChangeUser else { return false }
        return host.configuration.hidden.contains { path in
            (ProgramFiles.status(path)?.mode ?? 0) & 0o007 != 0
        }
    }
}

/// What is done when nothing of an environment runs any more.
struct EnvironmentCleanup: Sendable {
    let host: ProcessHost
    let identity: String
    let place: String
    let user: UInt32
    let group: String
    let stream: String

    /// Ends strays, removes the private directory, and gives the user back, on a thread that may block.
    ///
    /// Once.
    func run() {
        host.world.scheduler.schedule(.housekeeping) {
            do throws(FileError) {
                try host.directories.remove(place, of: user)
                host.users.give(user)
            } catch {
                // The next start tries again; until then nobody else gets the user, whose files are there.
                host.log.write(
                    FunctionLine(
                        group: group,
                        stream: stream,
                        text: "The private directory could not be removed: \(error).",
                        milliseconds: host.world.time.wallMilliseconds
                    )
                )
            }
            host.running.leave(identity)
        }
    }
}
