internal import ShaleFunctions
internal import ShaleItems
internal import ShaleWire

/// Runs a function: waits for its answer, or takes an event, or only looks whether it could.
enum Invoke: LambdaOperation {
    static let name = "Invoke"
    static let route = Route("POST", "/2015-03-31/functions/{FunctionName}/invocations")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let kind = call.headers["x-amz-invocation-type"] ?? "RequestResponse"
        try check(kind, ["Event", "RequestResponse", "DryRun"], at: "invocationType")
        let logType = call.headers["x-amz-log-type"] ?? "None"
        try check(logType, ["None", "Tail"], at: "logType")
        for header in ["x-amz-durable-execution-name", "x-amz-tenant-id"]
        where call.headers[header] != nil {
            throw .absent("The header \(header)")
        }
        let payload = try payload(
            call,
            limit: kind == "Event" ? FunctionLimits.eventBytes : FunctionLimits.payloadBytes
        )
        if kind == "DryRun" {
            _ = try await service.checked { () async throws(FunctionError) in
                try await service.functions.function(reference.name, reference.qualifier)
            }
            return .nothing
        }
        if kind == "Event" {
            try await service.checked { () async throws(FunctionError) in
                try await service.functions.take(
                    reference.name,
                    reference.qualifier,
                    payload: payload,
                    clientContext: call.headers["x-amz-client-context"],
                    identity: call.identity
                )
            }
            return RestReply(status: 202)
        }
        let answer = try await service.checked { () async throws(FunctionError) in
            try await service.functions.invoke(
                reference.name,
                reference.qualifier,
                payload: payload,
                clientContext: call.headers["x-amz-client-context"],
                requestID: call.identity
            )
        }
        var headers = [("X-Amz-Executed-Version", answer.version)]
        if let error = answer.outcome.functionError {
            headers.append(("X-Amz-Function-Error", error))
        }
        if logType == "Tail" {
            headers.append(("X-Amz-Log-Result", Base64.encode(answer.logTail)))
        }
        return RestReply(headers: headers, body: answer.outcome.payload)
    }

    static func check(
        _ word: String,
        _ words: [String],
        at path: String
    ) throws(RestError) {
        guard !words.contains(word) else { return }
        var constraints = Constraints()
        constraints.note(
            word,
            at: path,
            "Member must satisfy enum value set: [\(words.joined(separator: ", "))]"
        )
        try constraints.finished()
    }

    /// What the function is called with: JSON; nothing is an empty object.
    static func payload(_ call: RestCall, limit: Int) throws(RestError) -> [UInt8] {
        guard call.body.count <= limit else {
            throw RestError(
                FunctionError(
                    .requestTooLarge,
                    "Request must be smaller than \(limit) bytes for the InvokeFunction operation"
                )
            )
        }
        guard !call.body.isEmpty else { return Array("{}".utf8) }
        do throws(WireError) {
            var reader = JSONReader(call.body)
            try reader.skipValue()
            try reader.finish()
        } catch {
            throw RestError(
                "InvalidRequestContentException",
                400,
                "Could not parse request body into json: \(error.message)"
            )
        }
        return call.body
    }
}
