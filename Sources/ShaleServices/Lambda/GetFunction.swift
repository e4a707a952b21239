internal import ShaleFunctions
internal import ShaleItems

/// Describes a function, and says where its code can be fetched.
enum GetFunction: LambdaOperation {
    static let name = "GetFunction"
    static let route = Route("GET", "/2015-03-31/functions/{FunctionName}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let functions = service.functions
        let answer = try await service.checked { () async throws(FunctionError) in
            let function = try await functions.function(reference.name, reference.qualifier)
            // A closure has no code that could be fetched; its waiters ask here all the same.
            var code: Item = ["RepositoryType": "Closure"]
            if !function.isClosure {
                let identity = function.codeIdentity
                let location = service.codeLinks.location(of: identity, host: call.host)
                code = ["RepositoryType": "S3", "Location": .string(location)]
            }
            var answer: Item = ["Configuration": .map(function.told), "Code": .map(code)]
            let tags = try await functions.tags(of: reference.name)
            if !tags.isEmpty { answer["Tags"] = .map(tags) }
            if let count = try await functions.reserved(for: reference.name) {
                answer["Concurrency"] = ["ReservedConcurrentExecutions": .number(Number(count))]
            }
            return answer
        }
        return RestReply(answer)
    }
}

/// Describes a function or a version of it.
enum GetFunctionConfiguration: LambdaOperation {
    static let name = "GetFunctionConfiguration"
    static let route = Route("GET", "/2015-03-31/functions/{FunctionName}/configuration")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let function = try await service.checked { () async throws(FunctionError) in
            try await service.functions.function(reference.name, reference.qualifier)
        }
        return RestReply(function.told)
    }
}

/// Deletes a function, or one version of it.
enum DeleteFunction: LambdaOperation {
    static let name = "DeleteFunction"
    static let route = Route("DELETE", "/2015-03-31/functions/{FunctionName}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        try await service.checked { () async throws(FunctionError) in
            if let version = reference.qualifier {
                try await service.functions.deleteVersion(version, of: reference.name)
            } else {
                try await service.functions.delete(reference.name)
            }
        }
        return .nothing
    }
}
