internal import ShaleFunctions
internal import ShaleItems

/// Has environments of a version be started ahead and kept.
enum PutProvisionedConcurrencyConfig: LambdaOperation {
    static let name = "PutProvisionedConcurrencyConfig"
    static let route = Route(
        "PUT",
        "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"
    )

    private static let shape: [Member] = [
        .required("ProvisionedConcurrentExecutions", .whole(1...Int(Int32.max)))
    ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let (name, qualifier) = try service.provisioned(call)
        let members = try call.members(shape)
        let count = members["ProvisionedConcurrentExecutions"]?.numberValue?.intValue ?? 1
        let provisioned = try await service.checked { () async throws(FunctionError) in
            try await service.functions.provision(count, of: name, qualifier)
        }
        return RestReply(provisioned.fields, status: 202)
    }
}

/// Says how far that is.
enum GetProvisionedConcurrencyConfig: LambdaOperation {
    static let name = "GetProvisionedConcurrencyConfig"
    static let route = Route(
        "GET",
        "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"
    )

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let (name, qualifier) = try service.provisioned(call)
        let provisioned = try await service.checked { () async throws(FunctionError) in
            try await service.functions.provision(of: name, qualifier)
        }
        return RestReply(provisioned.fields)
    }
}

/// Says it of all versions and aliases of a function.
enum ListProvisionedConcurrencyConfigs: LambdaOperation {
    static let name = "ListProvisionedConcurrencyConfigs"
    static let route = Route(
        "GET",
        "/2019-09-30/functions/{FunctionName}/provisioned-concurrency?List=ALL"
    )

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let limit = try call.limit("MaxItems", 1...50, else: 50)
        let functions = service.functions
        let all = try await service.checked { () async throws(FunctionError) in
            try await functions.provisions(of: reference.name)
        }
        let told = all.map { provisioned in
            var fields = provisioned.fields
            fields["FunctionArn"] = .string(
                functions.resourceName(reference.name, provisioned.qualifier)
            )
            return AttributeValue.map(fields)
        }
        return .page(told, "ProvisionedConcurrencyConfigs", call, limit)
    }
}

/// Keeps nothing ready any more.
enum DeleteProvisionedConcurrencyConfig: LambdaOperation {
    static let name = "DeleteProvisionedConcurrencyConfig"
    static let route = Route(
        "DELETE",
        "/2019-09-30/functions/{FunctionName}/provisioned-concurrency"
    )

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let (name, qualifier) = try service.provisioned(call)
        try await service.checked { () async throws(FunctionError) in
            try await service.functions.unprovision(name, qualifier)
        }
        return .nothing
    }
}

extension LambdaService {
    /// The function of a request, and the version or alias, which must be named.
    fileprivate func provisioned(
        _ call: RestCall
    ) throws(RestError) -> (name: String, qualifier: String) {
        let reference = try reference(call)
        guard let qualifier = reference.qualifier else {
            throw .invalidParameter("A qualifier must be given: a version or an alias.")
        }
        return (reference.name, qualifier)
    }
}

extension Functions.Provisioned {
    /// The members that all answers have.
    fileprivate var fields: Item {
        var fields: Item = [
            "RequestedProvisionedConcurrentExecutions": .number(Number(requested)),
            "AvailableProvisionedConcurrentExecutions": .number(Number(allocated)),
            "AllocatedProvisionedConcurrentExecutions": .number(Number(allocated)),
            "Status": .string(status.rawValue), "LastModified": .string(modified),
        ]
        if let reason { fields["StatusReason"] = .string(reason) }
        return fields
    }
}
