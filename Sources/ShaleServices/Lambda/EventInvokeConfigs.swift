internal import ShaleFunctions
internal import ShaleItems

// What is done with events that fail: five operations.

private let destination = Shape.structure([Member("Destination", .text(0...350))])

private let settings: [Member] = [
    Member("MaximumRetryAttempts", .whole(0...2)),
    Member("MaximumEventAgeInSeconds", .whole(60...21_600)),
    Member(
        "DestinationConfig",
        .structure([Member("OnSuccess", destination), Member("OnFailure", destination)])
    ),
]

/// The members of a request, without destinations that are none.
private func changes(_ call: RestCall) throws(RestError) -> Item {
    var members = try call.members(settings)
    guard let given = members["DestinationConfig"]?.mapValue else { return members }
    var destinations: Item = ["OnSuccess": [:], "OnFailure": [:]]
    for (name, value) in given where value.mapValue?["Destination"] ?? "" != "" {
        destinations[name] = value
    }
    members["DestinationConfig"] = .map(destinations)
    return members
}

/// Configures what is done with events, anew.
enum PutFunctionEventInvokeConfig: LambdaOperation {
    static let name = "PutFunctionEventInvokeConfig"
    static let route = Route("PUT", "/2019-09-25/functions/{FunctionName}/event-invoke-config")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let members = try changes(call)
        let whole = try await service.checked { () async throws(FunctionError) in
            try await service.functions.setEventSettings(
                members,
                reference.name,
                reference.qualifier,
                keeps: false
            )
        }
        return RestReply(whole)
    }
}

/// Changes some of what is done with events.
enum UpdateFunctionEventInvokeConfig: LambdaOperation {
    static let name = "UpdateFunctionEventInvokeConfig"
    static let route = Route("POST", "/2019-09-25/functions/{FunctionName}/event-invoke-config")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let members = try changes(call)
        let whole = try await service.checked { () async throws(FunctionError) in
            try await service.functions.setEventSettings(
                members,
                reference.name,
                reference.qualifier,
                keeps: true
            )
        }
        return RestReply(whole)
    }
}

/// Says what is done with events.
enum GetFunctionEventInvokeConfig: LambdaOperation {
    static let name = "GetFunctionEventInvokeConfig"
    static let route = Route("GET", "/2019-09-25/functions/{FunctionName}/event-invoke-config")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let whole = try await service.checked { () async throws(FunctionError) in
            let functions = service.functions
            let whole = try await functions.eventSettings(reference.name, reference.qualifier)
            guard let whole else {
                throw functions.noSettings(reference.name, reference.qualifier)
            }
            return whole
        }
        return RestReply(whole)
    }
}

/// Lists what is done with events of a function, its versions and its aliases.
enum ListFunctionEventInvokeConfigs: LambdaOperation {
    static let name = "ListFunctionEventInvokeConfigs"
    static let route = Route(
        "GET",
        "/2019-09-25/functions/{FunctionName}/event-invoke-config/list"
    )

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        let limit = min(50, try call.limit("MaxItems", 1...50, else: 50))
        let all = try await service.checked { () async throws(FunctionError) in
            try await service.functions.allEventSettings(reference.name)
        }
        return .page(all.map(AttributeValue.map), "FunctionEventInvokeConfigs", call, limit)
    }
}

/// Does with events what is usual.
enum DeleteFunctionEventInvokeConfig: LambdaOperation {
    static let name = "DeleteFunctionEventInvokeConfig"
    static let route = Route("DELETE", "/2019-09-25/functions/{FunctionName}/event-invoke-config")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let reference = try service.reference(call)
        try await service.checked { () async throws(FunctionError) in
            try await service.functions.deleteEventSettings(reference.name, reference.qualifier)
        }
        return .nothing
    }
}
