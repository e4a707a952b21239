package import NIOCore
internal import NIOPosix
package import ShaleFunctions
package import ShalePlatform
internal import Synchronization

/// Where functions run as processes of the operating system.
///
///     CACHE/code/SHA256/            unpacked code, shared by all environments of it
///     CACHE/python/NAME/            virtual environments
///     CACHE/environments/IDENTITY/  the private directory of an environment: HOME, TMPDIR, /tmp
///
/// A process is started from the thread of an event loop, and ends with it, however that ends: nothing is left but
/// directories, which the next start removes.
package final class ProcessHost: FunctionHost {
    let configuration: ProcessConfiguration
    let log: any FunctionLog
    let world: World
    let group: any EventLoopGroup
    let code: CodeDirectory
    let interpreters: Interpreters
    let pythons: PythonEnvironments
    let users: FunctionUsers
    let watch: ProcessWatch
    let residents = SessionMemory()
    let directories: PrivateDirectories
    private let unpacking = Mutex<[String: Task<Result<Void, FunctionError>, Never>]>([:])
    let running = RunningEnvironments()

    /// Takes over a cache directory, and removes what an earlier start has left running or lying about.
    ///
    /// - Parameters:
    ///   - configuration: Where, as whom, with what.
    ///   - group: Event loops, whose threads live as long as the host.
    ///   - log: Where lines of functions go.
    ///   - world: Clocks, randomness, and threads for what blocks.
    /// - Throws: `.service` where the disk refuses.
    package init(
        _ configuration: ProcessConfiguration,
        group: any EventLoopGroup,
        log: any FunctionLog,
        world: World
    ) throws(FunctionError) {
        self.configuration = configuration
        self.group = group
        self.log = log
        self.world = world
        let changesUser = ChildProcess.mayChangeUser
        users = FunctionUsers(
            changesUser ? configuration.users : 0...0,
            locks: configuration.userLocks
        )
        interpreters = Interpreters(
            given: configuration.interpreters,
            searchPath: configuration.searchPath,
            mustBeOpenToAll: changesUser
        )
        do throws(FileError) {
            let cache = configuration.cache
            if ProgramFiles.status(cache) == nil {
                try ProgramFiles.makeDirectory(cache, mode: 0o755)
            }
            directories = try PrivateDirectories(cache + "/environments", users)
            code = try CodeDirectory(cache + "/code")
            watch = try ProcessWatch()
            let programs = ProgramRun(watch: watch, loop: group.next())
            pythons = try PythonEnvironments(
                configuration.pythons ?? cache + "/python",
                programs,
                variables: configuration.installerVariables
            )
        } catch {
            throw FunctionError(.service, "The host of functions could not start: \(error).")
        }
    }

    /// Says whether a runtime is here.
    ///
    /// - Throws: `.invalidParameter` with what is missing.
    package func require(_ runtime: String) throws(FunctionError) {
        if case .python(let name) = try named(runtime) { _ = try interpreters.find(name) }
    }

    private func named(_ runtime: String) throws(FunctionError) -> RuntimeName {
        try RuntimeName(runtime) { interpreters.newest() }
    }

    /// Says whether an archive can be unpacked, on a thread that may block.
    ///
    /// - Returns: Bytes of its files together, unpacked.
    /// - Throws: `.invalidParameter` with what is wrong.
    package func unzippedBytes(_ archive: [UInt8]) async throws(FunctionError) -> Int {
        let result = await world.scheduler.run(.housekeeping) {
            Result { () throws(ZipArchive.Failure) in
                try ZipArchive.check(archive, limit: FunctionLimits.unzippedBytes)
            }
        }
        switch result {
        case .success(let bytes): return bytes
        case .failure(let failure):
            throw FunctionError(
                .invalidParameter,
                "Could not unzip uploaded file. Please check your file, then try to upload again. "
                    + "What is wrong: \(failure.reason)."
            )
        }
    }

    /// Whether what a function needs is where it is needed.
    package func isPrepared(_ function: FunctionConfiguration) -> Bool {
        guard code.contains(function.codeIdentity),
            function.layersIdentity.map(code.contains) ?? true
        else { return false }
        do throws(FunctionError) {
            guard case .python(let name) = try named(function.runtime) else { return true }
            return pythons.contains(try interpreters.find(name).path)
        } catch {
            // `prepare` tells it.
            return false
        }
    }

    /// Unpacks a function's code, and makes the virtual environment that it needs.
    ///
    /// - Returns: Which interpreter takes the place of one that is not here.
    /// - Throws: `.invalidZip`, `.invalidParameter`, `.service`.
    package func prepare(
        _ function: FunctionConfiguration,
        code archives: FunctionCode
    ) async throws(FunctionError) -> String? {
        let runtime = try named(function.runtime)
        try await unpack([archives.archive], function.codeIdentity)
        if let layers = function.layersIdentity { try await unpack(archives.layers, layers) }
        switch runtime {
        case .provided:
            guard bootstrap(of: function) != nil else {
                throw FunctionError(
                    .invalidParameter,
                    "The archive has no executable file named bootstrap at its top, which the runtime "
                        + "\(function.runtime) starts."
                )
            }
            return nil
        case .python(let name):
            let interpreter = try interpreters.find(name)
            try await pythons.make(interpreter.path)
            return interpreter.remark
        }
    }

    /// The program that a function brings, or one of its layers; nil where neither does.
    func bootstrap(of function: FunctionConfiguration) -> String? {
        let places = [function.codeIdentity] + (function.layersIdentity.map { [$0] } ?? [])
        return places.map { code.place($0) + "/bootstrap" }.first { path in
            ProgramFiles.status(path).map { $0.mode & 0o111 != 0 } ?? false
        }
    }

    /// The interpreter that runs a function; nil where it brings its own program.
    ///
    /// - Throws: `.invalidParameter` where it has gone since the function was made.
    func interpreter(of function: FunctionConfiguration) throws(FunctionError) -> String? {
        guard case .python(let name) = try named(function.runtime) else { return nil }
        return try interpreters.find(name).path
    }

    private func unpack(_ archives: [[UInt8]], _ identity: String) async throws(FunctionError) {
        let task = unpacking.withLock { unpacking in
            if let running = unpacking[identity] { return running }
            let task = Task {
                let result = await self.world.scheduler.run(.housekeeping) {
                    Result { () throws(FunctionError) in
                        try self.code.unpack(archives, identity)
                    }
                }
                _ = self.unpacking.withLock { $0.removeValue(forKey: identity) }
                return result
            }
            unpacking[identity] = task
            return task
        }
        try await task.value.get()
    }

    /// Starts an environment, which initialises meanwhile.
    ///
    /// - Throws: `.tooManyRequests` where all users are in use; `.service` with what the machine refuses.
    package func start(
        _ function: FunctionConfiguration,
        stream: String
    ) async throws(FunctionError) -> any FunctionEnvironment {
        let user = try users.take()
        let start = EnvironmentStart(host: self, function: function, stream: stream, user: user)
        return try await start.run()
    }

    /// Ends all environments, and returns when none of their processes and directories is left.
    ///
    /// Once; nothing is started afterwards.
    package func shutdown() async {
        await running.endAll()
        watch.stop()
    }
}
