internal import ShaleFunctions
internal import ShaleItems

/// Keeps a part of the account's concurrency for a function.
enum PutFunctionConcurrency: LambdaOperation {
    static let name = "PutFunctionConcurrency"
    static let route = Route("PUT", "/2017-10-31/functions/{FunctionName}/concurrency")

    private static let shape: [Member] = [
        .required("ReservedConcurrentExecutions", .whole(0...Int(Int32.max)))
    ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let members = try call.members(shape)
        let count = members["ReservedConcurrentExecutions"]?.numberValue?.intValue ?? 0
        try await service.checked { () async throws(FunctionError) in
            try await service.functions.reserve(count, for: reference.name)
        }
        return RestReply(members)
    }
}

/// Says what is kept for a function.
enum GetFunctionConcurrency: LambdaOperation {
    static let name = "GetFunctionConcurrency"
    static let route = Route("GET", "/2019-09-30/functions/{FunctionName}/concurrency")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let count = try await service.checked { () async throws(FunctionError) in
            try await service.functions.reserved(for: reference.name)
        }
        guard let count else { return RestReply([:]) }
        return RestReply(["ReservedConcurrentExecutions": .number(Number(count))])
    }
}

/// Keeps nothing for a function any more.
enum DeleteFunctionConcurrency: LambdaOperation {
    static let name = "DeleteFunctionConcurrency"
    static let route = Route("DELETE", "/2017-10-31/functions/{FunctionName}/concurrency")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        try await service.checked { () async throws(FunctionError) in
            try await service.functions.unreserve(reference.name)
        }
        return .nothing
    }
}

/// Says what the account may do, and how much of it is used.
enum GetAccountSettings: LambdaOperation {
    static let name = "GetAccountSettings"
    static let route = Route("GET", "/2016-08-19/account-settings")

    /// The service's limit of all code that is kept.
    private static let totalCodeBytes = 80_530_636_800

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let functions = service.functions
        let all = try await service.checked { () async throws(FunctionError) in
            try await functions.functions(after: nil, limit: .max)
        }
        let bytes = all.reduce(0) { $0 + ($1.fields["CodeSize"]?.numberValue?.intValue ?? 0) }
        return RestReply([
            "AccountLimit": [
                "TotalCodeSize": .number(Number(totalCodeBytes)),
                "CodeSizeUnzipped": .number(Number(FunctionLimits.unzippedBytes)),
                "CodeSizeZipped": 52_428_800,
                "ConcurrentExecutions": .number(Number(FunctionLimits.concurrency)),
                "UnreservedConcurrentExecutions": .number(
                    Number(functions.unreservedConcurrency)
                ),
            ],
            "AccountUsage": [
                "TotalCodeSize": .number(Number(bytes)),
                "FunctionCount": .number(Number(all.count)),
            ],
        ])
    }
}
