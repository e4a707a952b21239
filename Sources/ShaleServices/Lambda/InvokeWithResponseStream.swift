internal import ShaleFunctions
internal import ShaleItems
internal import ShaleWire

/// Runs a function and answers what it answers, piece by piece as it comes.
enum InvokeWithResponseStream: LambdaOperation {
    static let name = "InvokeWithResponseStream"
    static let route = Route(
        "POST",
        "/2021-11-15/functions/{FunctionName}/response-streaming-invocations"
    )

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let kind = call.headers["x-amz-invocation-type"] ?? "RequestResponse"
        try Invoke.check(kind, ["RequestResponse", "DryRun"], at: "invocationType")
        let logType = call.headers["x-amz-log-type"] ?? "None"
        try Invoke.check(logType, ["None", "Tail"], at: "logType")
        if call.headers["x-amz-tenant-id"] != nil { throw .absent("The header x-amz-tenant-id") }
        let payload = try Invoke.payload(call, limit: FunctionLimits.payloadBytes)
        if kind == "DryRun" {
            _ = try await service.checked { () async throws(FunctionError) in
                try await service.functions.function(reference.name, reference.qualifier)
            }
            return .nothing
        }
        let (version, stream) = try await service.checked { () async throws(FunctionError) in
            try await service.functions.invokeStreaming(
                reference.name,
                reference.qualifier,
                payload: payload,
                clientContext: call.headers["x-amz-client-context"],
                requestID: call.identity
            )
        }
        var reply = RestReply(
            contentType: EventStreamMessage.contentType,
            headers: [("X-Amz-Executed-Version", version)]
        )
        reply.stream = AnswerMessages(stream, tellsLog: logType == "Tail")
        return reply
    }
}
