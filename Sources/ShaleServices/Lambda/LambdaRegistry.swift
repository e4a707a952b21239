/// The operations of functions, and which of them a request asks for.
package enum LambdaRegistry {
    private static let operations: [any LambdaOperation.Type] = [
        AddPermission.self, CreateAlias.self, CreateEventSourceMapping.self, CreateFunction.self,
        DeleteAlias.self, DeleteFunctionEventInvokeConfig.self,
        GetFunctionEventInvokeConfig.self, ListFunctionEventInvokeConfigs.self,
        PutFunctionEventInvokeConfig.self, UpdateFunctionEventInvokeConfig.self,
        DeleteEventSourceMapping.self, GetEventSourceMapping.self,
        ListEventSourceMappings.self, UpdateEventSourceMapping.self,
        DeleteFunction.self, DeleteFunctionConcurrency.self, GetAccountSettings.self,
        GetAlias.self, GetFunction.self, GetFunctionCodeSigningConfig.self,
        GetFunctionConcurrency.self, GetFunctionConfiguration.self,
        GetFunctionRecursionConfig.self, GetFunctionUrlConfig.self, GetPolicy.self,
        GetRuntimeManagementConfig.self, Invoke.self, InvokeWithResponseStream.self,
        ListAliases.self, ListFunctionTags.self,
        ListFunctionUrlConfigs.self, ListFunctions.self,
        // Before those that have the same path and ask for less.
        GetLayerVersionByArn.self, ListLayers.self,
        ListProvisionedConcurrencyConfigs.self, GetProvisionedConcurrencyConfig.self,
        DeleteProvisionedConcurrencyConfig.self, PutProvisionedConcurrencyConfig.self,
        AddLayerVersionPermission.self, DeleteLayerVersion.self, GetLayerVersion.self,
        GetLayerVersionPolicy.self, ListLayerVersions.self, PublishLayerVersion.self,
        RemoveLayerVersionPermission.self,
        ListVersionsByFunction.self, PublishVersion.self, PutFunctionConcurrency.self,
        RemovePermission.self, TagFunction.self, UntagFunction.self, UpdateAlias.self,
        UpdateFunctionCode.self, UpdateFunctionConfiguration.self,
    ]

    /// The names of all operations, sorted.
    package static let names = operations.map { $0.name }.sorted()

    /// Operations that are not here, with what they are of.
    private static let absent: [(route: Route, feature: String)] = AbsentOperations.all

    /// Whether a path is one of this protocol.
    package static func isMeant(path: String) -> Bool {
        // A date, and behind it something of functions.
        let parts = path.split(separator: "/", maxSplits: 2)
        guard parts.count >= 2, parts[0].utf8.count == 10, parts[0].hasPrefix("20") else {
            return false
        }
        return roots.contains(String(parts[1]))
    }

    private static let roots: Set<String> = [
        "functions", "event-source-mappings", "layers", "layers-by-arn", "tags",
        "account-settings", "code-signing-configs", "capacity-providers", "durable-executions",
        "durable-execution-callbacks",
    ]

    /// What a request is an operation of.
    package struct Match: Sendable {
        /// The operation's name.
        package let name: String
        let operation: any LambdaOperation.Type
        let parameters: [String: String]

        /// Runs it.
        ///
        /// - Throws: what is wrong with the request.
        package func run(
            _ call: RestCall,
            _ service: LambdaService
        ) async throws(RestError) -> RestReply {
            var call = call
            call.parameters = parameters
            return try await operation.run(call, service)
        }
    }

    /// Finds the operation of a method, a path and a query, which are percent-encoded.
    ///
    /// - Throws: 404 for what is none, 400 for what is not here.
    package static func find(
        _ method: String,
        _ path: String,
        query: String = ""
    ) throws(RestError) -> Match {
        guard let segments = PercentCoding.segments(of: path) else {
            throw RestError("UnknownOperationException", 404, "The path is not encoded right.")
        }
        for operation in operations
        where operation.route.method == method && operation.route.isAsked(by: query) {
            guard let parameters = operation.route.parameters(of: segments) else { continue }
            return Match(name: operation.name, operation: operation, parameters: parameters)
        }
        for (route, feature) in absent where route.method == method && route.isAsked(by: query) {
            if route.parameters(of: segments) != nil { throw .absent(feature) }
        }
        throw RestError("UnknownOperationException", 404, "No operation is at \(method) \(path).")
    }
}
