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
            let location = service.codeLinks.location(of: function.codeIdentity, host: call.host)
            var answer: Item = [
                "Configuration": .map(function.told),
                "Code": ["RepositoryType": "S3", "Location": .string(location)],
            ]
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
