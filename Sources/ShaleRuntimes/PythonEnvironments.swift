internal import NIOCore
internal import ShaleFunctions
internal import ShalePlatform
internal import Synchronization

/// The virtual environments that Python functions run in: an interpreter, and the service's own runtime client.
///
///     PYTHON/NAME-CLIENT-HASH/        made once for each interpreter and version of the client
///     PYTHON/NAME-CLIENT-HASH.tmp     being made
///
/// They stay there from start to start. One is made at a time, and takes about 15 s.
final class PythonEnvironments: Sendable {
    /// The runtime client, from PyPI.
    static let client = "awslambdaric"
    /// The version of it that is known to work here.
    static let clientVersion = "4.2.2"
    /// How long making one may take.
    private static let limit = TimeAmount.minutes(10)

    private let directory: String
    private let programs: ProgramRun
    private let variables: [String: String]
    /// What is being made, by its place: who wants the same waits for it.
    private let making = Mutex<[String: Task<Result<Void, FunctionError>, Never>]>([:])
    private let last = Mutex<Task<Result<Void, FunctionError>, Never>?>(nil)

    init(_ directory: String, _ programs: ProgramRun, variables: [String: String]) throws(FileError)
    {
        self.directory = directory
        self.programs = programs
        self.variables = variables
        if ProgramFiles.status(directory) == nil {
            try ProgramFiles.makeDirectory(directory, mode: 0o755)
        }
        for name in ProgramFiles.names(in: directory) where name.hasSuffix(".tmp") {
            try ProgramFiles.removeTree("\(directory)/\(name)")
        }
    }

    /// The interpreter within the environment for an interpreter of the machine.
    func program(_ interpreter: String) -> String { "\(place(interpreter))/bin/python" }

    /// Whether it is there.
    func contains(_ interpreter: String) -> Bool {
        ProgramFiles.status(place(interpreter)) != nil
    }

    /// Makes the environment for an interpreter, unless it is there.
    ///
    /// - Throws: `.service` with the end of what the installer wrote.
    func make(_ interpreter: String) async throws(FunctionError) {
        if contains(interpreter) { return }
        let place = place(interpreter)
        let task = making.withLock { making in
            if let running = making[place] { return running }
            let task = last.withLock { last in
                let before = last
                let task = Task {
                    _ = await before?.value
                    let result = await self.build(interpreter, place)
                    _ = self.making.withLock { $0.removeValue(forKey: place) }
                    return result
                }
                last = task
                return task
            }
            making[place] = task
            return task
        }
        try await task.value.get()
    }

    private func build(_ interpreter: String, _ place: String) async -> Result<Void, FunctionError>
    {
        if contains(interpreter) { return .success(()) }
        let temporary = place + ".tmp"
        do {
            try ProgramFiles.removeTree(temporary)
            try await run(interpreter, ["-m", "venv", temporary])
            let package = "\(Self.client)==\(Self.clientVersion)"
            let python = "\(temporary)/bin/python"
            let arguments = ["-m", "pip", "install", "--quiet", "--no-input", package]
            try await run(python, arguments)
            try ProgramFiles.syncAll(temporary)
            try PosixFileSystem().rename(temporary, to: place)
            return .success(())
        } catch let error as FunctionError {
            return .failure(error)
        } catch {
            let message = "The virtual environment of \(interpreter) could not be made: \(error)."
            return .failure(FunctionError(.service, message))
        }
    }

    private func run(_ path: String, _ arguments: [String]) async throws {
        var told = ["PATH": "/usr/local/bin:/usr/bin:/bin", "HOME": directory, "LANG": "C.UTF-8"]
        told.merge(variables) { _, given in given }
        var program = ChildProgram(
            path,
            [path] + arguments,
            variables: told.map { "\($0)=\($1)" },
            directory: directory
        )
        // Everybody may read it.
        program.mask = 0o022
        let end = try await programs.run(program, limit: Self.limit)
        guard end.status == 0 else {
            throw FunctionError(
                .service,
                "`\(path) \(arguments.joined(separator: " "))` ended with \(OutcomeText.exit(end.status)): "
                    + end.lines.suffix(6).joined(separator: " / ")
            )
        }
    }

    private func place(_ interpreter: String) -> String {
        let name = interpreter.split(separator: "/").last.map(String.init) ?? "python"
        // FNV-1a: two interpreters of one name have a place each.
        var hash: UInt64 = 0xCBF2_9CE4_8422_2325
        for byte in interpreter.utf8 { hash = (hash ^ UInt64(byte)) &* 0x100_0000_01B3 }
        return "\(directory)/\(name)-\(Self.clientVersion)-\(String(hash, radix: 16))"
    }
}
