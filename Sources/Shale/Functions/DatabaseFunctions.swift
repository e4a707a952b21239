internal import ShaleFunctions
internal import ShaleLogs
internal import ShalePlatform
public import ShaleTables

/// Functions that are closures of this program, called by their names: waited for, or as events that outlive it.
///
///     let functions = try await database.functions()
///     try await functions.register("greet") { call in
///         call.log("called")
///         return Array(#""hello""#.utf8)
///     }
///     try await functions.resume()
///     let answer = try await functions.invoke("greet", Array("{}".utf8))
///     try await functions.send("greet", Array("{}".utf8))
///
/// They pass the door that functions with code pass in `shale serve`: limits, log groups (`/aws/lambda/NAME`), tries of events
/// that fail. A database has them once: whoever opens it opens them once.
public final class DatabaseFunctions: Sendable {
    /// Answers JSON, or throws what its caller is told; untyped, since it is the program's own.
    public typealias Body = @Sendable (FunctionCall) async throws -> [UInt8]

    private let functions: Functions
    private let lines: StoredLog

    init(_ database: Database) async throws(FunctionFailure) {
        do {
            lines = StoredLog(try await Logs(database), world: database.world) { _ in }
            functions = try await Functions(
                database,
                host: ClosureHost(),
                log: lines,
                world: database.world,
                region: "us-east-1",
                account: "000000000000"
            )
        } catch let error as LogsError {
            throw FunctionFailure(code: .service, message: error.message)
        } catch {
            throw FunctionFailure(code: .service, message: "\(error)")
        }
    }

    /// Makes a closure the function of a name, or takes it in place of the one that it was.
    ///
    /// - Parameters:
    ///   - name: 1 to 64 letters, digits, hyphens and underscores.
    ///   - description: What it is told to be.
    ///   - timeoutSeconds: What a call may take, 1 to 900; the task of one that takes longer is cancelled.
    ///   - body: Is called from any number of tasks at once.
    /// - Throws: `.conflict`, `.invalid`, `.service`.
    public func register(
        _ name: String,
        description: String = "",
        timeoutSeconds: Int = 3,
        _ body: @escaping Body
    ) async throws(FunctionFailure) {
        let closure = FunctionClosure(description: description, timeoutSeconds: timeoutSeconds) {
            call in
            try await body(FunctionCall(call))
        }
        try await checked { () async throws(FunctionError) in
            _ = try await self.functions.register(name, closure)
        }
    }

    /// Goes on with events that waited when the program ended: when all are registered that they are for.
    ///
    /// - Throws: `.service`.
    public func resume() async throws(FunctionFailure) {
        try await checked { () async throws(FunctionError) in
            try await self.functions.resume()
            try await self.functions.resumeEvents()
        }
    }

    /// Calls a function and waits for its answer.
    ///
    /// - Throws: `.notFound`, `.notRegistered`, `.unhandled`, `.invalid`, `.tooMany`, `.service`.
    public func invoke(
        _ name: String,
        _ payload: [UInt8]
    ) async throws(FunctionFailure) -> [UInt8] {
        try Self.check(payload, FunctionLimits.payloadBytes)
        let answer = try await checked { () async throws(FunctionError) in
            try await self.functions.invoke(name, payload: payload)
        }
        guard answer.outcome.functionError == nil else {
            let text = String(decoding: answer.outcome.payload, as: UTF8.self)
            throw FunctionFailure(code: .unhandled, message: text)
        }
        return answer.outcome.payload
    }

    /// Takes an event for a function: answered when it is durable, handled at least once, and tried again where that fails.
    ///
    /// - Throws: `.notFound`, `.invalid`, `.tooMany`, `.service`.
    public func send(_ name: String, _ payload: [UInt8]) async throws(FunctionFailure) {
        try Self.check(payload, FunctionLimits.eventBytes)
        try await checked { () async throws(FunctionError) in
            let identity = self.functions.makeIdentity()
            try await self.functions.take(name, payload: payload, identity: identity)
        }
    }

    /// The names of all functions of the database, in order.
    ///
    /// - Throws: `.service`.
    public func names() async throws(FunctionFailure) -> [String] {
        try await checked { () async throws(FunctionError) in
            try await self.functions.functions(after: nil, limit: .max).map(\.name)
        }
    }

    /// Deletes a function with the events that wait for it.
    ///
    /// - Throws: `.notFound`, `.service`.
    public func delete(_ name: String) async throws(FunctionFailure) {
        try await checked { () async throws(FunctionError) in
            try await self.functions.delete(name)
        }
    }

    /// Begins no more events and writes what the functions have logged: before the database is closed.
    public func stop() async {
        functions.stopEvents()
        functions.stop()
        await lines.flush()
    }

    private static func check(_ payload: [UInt8], _ limit: Int) throws(FunctionFailure) {
        guard payload.count > limit else { return }
        throw FunctionFailure(
            code: .invalid,
            message: "A payload has at most \(limit) bytes here, not \(payload.count)."
        )
    }

    private func checked<Answer: Sendable>(
        _ body: () async throws(FunctionError) -> Answer
    ) async throws(FunctionFailure) -> Answer {
        do throws(FunctionError) { return try await body() } catch { throw FunctionFailure(error) }
    }
}

/// One call of a closure.
public struct FunctionCall: Sendable {
    /// What it is called with, JSON.
    public let payload: [UInt8]
    /// A UUID; an event that is tried again has the same.
    public let requestID: String
    private let write: @Sendable (String) -> Void

    init(_ call: ClosureCall) {
        (payload, requestID, write) = (call.payload, call.requestID, call.log)
    }

    /// Writes a line to the function's log.
    public func log(_ line: String) { write(line) }
}

extension Database {
    /// Opens the functions of the database: once for each time that it is opened.
    ///
    /// - Throws: `.service`.
    public func functions() async throws(FunctionFailure) -> DatabaseFunctions {
        try await DatabaseFunctions(self)
    }
}
