internal import ShaleFunctions
internal import ShaleItems

// What clients ask about a function besides, answered as it is here: no code is signed, the runtime is the machine's.

/// Says that no code is signed.
enum GetFunctionCodeSigningConfig: LambdaOperation {
    static let name = "GetFunctionCodeSigningConfig"
    static let route = Route("GET", "/2020-06-30/functions/{FunctionName}/code-signing-config")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let name = try await service.present(call)
        return RestReply(["CodeSigningConfigArn": "", "FunctionName": .string(name)])
    }
}

/// Says that the runtime is whatever the machine has.
enum GetRuntimeManagementConfig: LambdaOperation {
    static let name = "GetRuntimeManagementConfig"
    static let route = Route(
        "GET",
        "/2021-07-20/functions/{FunctionName}/runtime-management-config"
    )

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let name = try await service.present(call)
        return RestReply([
            "UpdateRuntimeOn": "Auto",
            "FunctionArn": .string(service.functions.resourceName(name)),
        ])
    }
}

/// Says that functions that call themselves are not stopped.
enum GetFunctionRecursionConfig: LambdaOperation {
    static let name = "GetFunctionRecursionConfig"
    static let route = Route("GET", "/2024-08-31/functions/{FunctionName}/recursion-config")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        _ = try await service.present(call)
        return RestReply(["RecursiveLoop": "Allow"])
    }
}

/// Says that a function has no address of its own.
enum ListFunctionUrlConfigs: LambdaOperation {
    static let name = "ListFunctionUrlConfigs"
    static let route = Route("GET", "/2021-10-31/functions/{FunctionName}/urls")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        _ = try await service.present(call)
        return RestReply(["FunctionUrlConfigs": []])
    }
}

/// Says that a function has no address of its own.
enum GetFunctionUrlConfig: LambdaOperation {
    static let name = "GetFunctionUrlConfig"
    static let route = Route("GET", "/2021-10-31/functions/{FunctionName}/url")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        _ = try await service.present(call)
        throw RestError(
            FunctionError(.resourceNotFound, "The resource you requested does not exist.")
        )
    }
}

extension LambdaService {
    /// The name of the function that a request is about, which must be there.
    fileprivate func present(_ call: RestCall) async throws(RestError) -> String {
        let reference = try reference(call)
        return try await checked { () async throws(FunctionError) in
            try await functions.function(reference.name, reference.qualifier).name
        }
    }
}
