import OrderedCollections
import ShaleJSON

/// Asks a server for state machines and executions.
struct StatesClient {
    static let pageLimit: Int64 = 1_000

    private let server: ServerClient

    init(_ server: ServerClient) { self.server = server }

    /// Calls one operation.
    ///
    /// - Throws: `StatesFailure` for what the service refuses, `Complaint` for all else.
    func call(_ operation: String, _ members: JSONObject) async throws -> JSONValue {
        let answer = try await server.post(
            target: "AWSStepFunctions.\(operation)",
            service: "states",
            body: JSONValue.object(members).encoded()
        )
        var parser = JSONParser(answer.body)
        let body: JSONValue
        do throws(JSONError) {
            body = try parser.wholeText()
        } catch {
            throw Complaint(
                .failed,
                "\(operation): the server's answer (status \(answer.status)) is not one of Step"
                    + " Functions; is --server a shale server of this release?"
            )
        }
        guard answer.status == 200 else {
            let name = body["__type"]?.text ?? "status \(answer.status)"
            throw StatesFailure(
                operation: operation,
                code: String(name.split(separator: "#").last ?? ""),
                message: body["message"]?.text ?? ""
            )
        }
        return body
    }

    /// The elements of all pages of a list, at most so many.
    func all(
        _ operation: String,
        _ list: String,
        _ members: JSONObject,
        limit: Int = .max
    ) async throws -> [JSONValue] {
        var found: [JSONValue] = []
        var members = members
        repeat {
            members["maxResults"] = .integer(min(Self.pageLimit, Int64(limit - found.count)))
            let page = try await call(operation, members)
            found += page[list]?.elements ?? []
            members["nextToken"] = page["nextToken"]
        } while members["nextToken"] != nil && found.count < limit
        return found
    }
}

/// What the service refuses.
struct StatesFailure: Error {
    let operation: String
    /// As `ExecutionDoesNotExist`.
    let code: String
    let message: String

    /// The refusal in a sentence, with what can be done about it.
    func complaint(_ what: String) -> Complaint {
        let advice: String
        switch code {
        case "ExecutionDoesNotExist":
            advice = "\nLook for it with: shale executions list MACHINE"
        case "StateMachineDoesNotExist":
            advice = "\nThe names of all machines: aws stepfunctions list-state-machines"
        case "ExecutionAlreadyExists": advice = "\nGive another --name, or none."
        case "ExecutionNotRedrivable":
            advice =
                "\nOnly what failed, timed out or was aborted within 14 days is taken up again."
        case "InvalidExecutionInput":
            advice = "\n--input takes JSON, @FILE, or - for standard input."
        case "AccessDeniedException", "UnrecognizedClientException",
            "InvalidSignatureException", "MissingAuthenticationTokenException":
            advice = "\nSet SHALE_ACCESS_KEY_ID and SHALE_SECRET_ACCESS_KEY to a key of the server."
        default: advice = ""
        }
        return Complaint(.problemFound, "\(what): \(code): \(message)\(advice)")
    }
}
