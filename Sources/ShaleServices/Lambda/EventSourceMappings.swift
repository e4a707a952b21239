internal import ShaleFunctions
internal import ShaleItems
internal import ShaleTriggers
internal import ShaleWire

// Event source mappings: five operations on what ties functions to streams.

/// The members of requests that describe a mapping.
private enum MappingMembers {
    private static let destination = Shape.structure([Member("Destination", .text(0...350))])

    /// What both making and changing a mapping may say.
    static let settings: [Member] = [
        Member("FunctionName", .text(1...256, FunctionReference.pattern)),
        Member("Enabled", .flag),
        Member("BatchSize", .whole(1...10_000)),
        Member(
            "FilterCriteria",
            .structure([
                Member("Filters", .list(.structure([Member("Pattern", .text(0...4_096))])))
            ])
        ),
        Member("MaximumBatchingWindowInSeconds", .whole(0...300)),
        Member("ParallelizationFactor", .whole(1...10)),
        Member(
            "DestinationConfig",
            .structure([Member("OnSuccess", destination), Member("OnFailure", destination)])
        ),
        Member("MaximumRecordAgeInSeconds", .whole(-1...604_800)),
        Member("BisectBatchOnFunctionError", .flag),
        Member("MaximumRetryAttempts", .whole(-1...10_000)),
        Member("TumblingWindowInSeconds", .whole(0...900)),
        Member("FunctionResponseTypes", .list(.word(["ReportBatchItemFailures"]), 0...1)),
        Member("KMSKeyArn", .text()),
        // What follows is not there. Its members are read, so that something is told from nothing.
        Member(
            "SourceAccessConfigurations",
            .list(.structure([Member("Type", .text()), Member("URI", .text())]))
        ),
        Member("ScalingConfig", .structure([Member("MaximumConcurrency", .whole(2...1_000))])),
        Member("MetricsConfig", .structure([Member("Metrics", .list(.text()))])),
        Member("LoggingConfig", .structure([Member("SystemLogLevel", .text())])),
        Member(
            "DocumentDBEventSourceConfig",
            .structure(
                ["DatabaseName", "CollectionName", "FullDocument"].map { Member($0, .text()) }
            )
        ),
        Member("AmazonManagedKafkaEventSourceConfig", .structure(kafka)),
        Member("SelfManagedKafkaEventSourceConfig", .structure(kafka)),
        Member(
            "ProvisionedPollerConfig",
            .structure([
                Member("MinimumPollers", .whole(1...200)),
                Member("MaximumPollers", .whole(1...2_000)),
                Member("PollerGroupName", .text()),
            ])
        ),
    ]

    private static let kafka = [
        Member("ConsumerGroupId", .text()),
        Member(
            "SchemaRegistryConfig",
            .structure([
                Member("SchemaRegistryURI", .text()), Member("EventRecordFormat", .text()),
            ])
        ),
    ]

    private static let absent = [
        "SourceAccessConfigurations", "ScalingConfig", "MetricsConfig", "LoggingConfig",
        "DocumentDBEventSourceConfig", "AmazonManagedKafkaEventSourceConfig",
        "SelfManagedKafkaEventSourceConfig", "ProvisionedPollerConfig", "Topics", "Queues",
        "SelfManagedEventSource", "StartingPositionTimestamp",
    ]

    private static let filtersMost = 10

    /// Refuses what is not there, and takes out what says nothing.
    static func check(_ fields: inout Item) throws(RestError) {
        for name in absent {
            guard let value = fields.remove(name) else { continue }
            guard value == [] || value == [:] else { throw .absent("\(name) of a mapping") }
        }
        if fields["KMSKeyArn"] == "" { fields.remove("KMSKeyArn") }
        let age = fields["MaximumRecordAgeInSeconds"]?.numberValue?.intValue ?? -1
        guard age == -1 || age >= 60 else {
            throw .invalidParameter("MaximumRecordAgeInSeconds is -1, or from 60 to 604800.")
        }
        let filters = fields["FilterCriteria"]?.mapValue?["Filters"]?.listValue ?? []
        guard filters.count <= filtersMost else {
            throw .invalidParameter("A mapping has at most \(filtersMost) filters.")
        }
        if fields["FilterCriteria"] != nil, filters.isEmpty { fields["FilterCriteria"] = [:] }
        guard var destinations = fields["DestinationConfig"]?.mapValue else { return }
        for name in ["OnSuccess", "OnFailure"]
        where destinations[name]?.mapValue?["Destination"] ?? "" == "" {
            destinations.remove(name)
        }
        if destinations["OnSuccess"] != nil { throw .absent("OnSuccess of a stream's mapping") }
        fields["DestinationConfig"] = .map(destinations)
    }
}

/// Ties a function to a stream.
enum CreateEventSourceMapping: LambdaOperation {
    static let name = "CreateEventSourceMapping"
    static let route = Route("POST", "/2015-03-31/event-source-mappings")

    private static let shape: [Member] =
        MappingMembers.settings + [
            Member("EventSourceArn", .text()),
            Member("StartingPosition", .word(["TRIM_HORIZON", "LATEST", "AT_TIMESTAMP"])),
            Member("StartingPositionTimestamp", .decimal(0...1e12)),
            Member("Topics", .list(.text())), Member("Queues", .list(.text())),
            Member(
                "SelfManagedEventSource",
                .structure([Member("Endpoints", .map(.list(.text())))])
            ),
            Member("Tags", .map(.text(0...256))),
        ]

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        var given = try call.members(shape)
        let functionName = given.remove("FunctionName")?.stringValue
        var constraints = Constraints()
        constraints.require(functionName != nil, "functionName")
        try constraints.finished()
        try MappingMembers.check(&given)
        guard given["EventSourceArn"] != nil else {
            throw .invalidParameter("EventSourceArn is required: the stream of a table.")
        }
        guard let position = given["StartingPosition"]?.stringValue else {
            throw .invalidParameter(
                "1 validation error detected: Value null at 'startingPosition' failed to satisfy "
                    + "constraint: Member must not be null."
            )
        }
        guard position != "AT_TIMESTAMP" else {
            throw .invalidParameter(
                "Unsupported starting position for DynamoDB event source mapping: AT_TIMESTAMP"
            )
        }
        let reference = try service.reference(functionName ?? "")
        var fields: Item = [
            "BatchSize": 100, "MaximumBatchingWindowInSeconds": 0, "ParallelizationFactor": 1,
            "MaximumRecordAgeInSeconds": -1, "BisectBatchOnFunctionError": false,
            "MaximumRetryAttempts": -1, "TumblingWindowInSeconds": 0,
            "DestinationConfig": ["OnFailure": [:]], "FunctionResponseTypes": [],
            "#enabled": given.remove("Enabled") ?? true, "#tags": given.remove("Tags") ?? [:],
        ]
        for (member, value) in given { fields[member] = value }
        fields["FunctionArn"] = .string(
            service.functions.resourceName(reference.name, reference.qualifier)
        )
        let whole = fields
        let told = try await service.checked { () async throws(FunctionError) in
            _ = try await service.functions.function(reference.name, reference.qualifier)
            return try await service.mappings.create(whole)
        }
        return RestReply(told, status: 202)
    }
}

/// Changes a mapping, which goes on where it is.
enum UpdateEventSourceMapping: LambdaOperation {
    static let name = "UpdateEventSourceMapping"
    static let route = Route("PUT", "/2015-03-31/event-source-mappings/{UUID}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        var changes = try call.members(MappingMembers.settings)
        try MappingMembers.check(&changes)
        if let enabled = changes.remove("Enabled") { changes["#enabled"] = enabled }
        let named = changes.remove("FunctionName")?.stringValue
        let reference: FunctionReference? =
            if let named { try service.reference(named) } else { nil }
        if let reference {
            changes["FunctionArn"] = .string(
                service.functions.resourceName(reference.name, reference.qualifier)
            )
        }
        let whole = changes
        let told = try await service.checked { () async throws(FunctionError) in
            if let reference {
                _ = try await service.functions.function(reference.name, reference.qualifier)
            }
            return try await service.mappings.update(call.parameters["UUID"] ?? "", whole)
        }
        return RestReply(told, status: 202)
    }
}

/// Describes a mapping.
enum GetEventSourceMapping: LambdaOperation {
    static let name = "GetEventSourceMapping"
    static let route = Route("GET", "/2015-03-31/event-source-mappings/{UUID}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let told = try await service.checked { () async throws(FunctionError) in
            try await service.mappings.description(of: call.parameters["UUID"] ?? "")
        }
        return RestReply(told)
    }
}

/// Deletes a mapping, once the invocations under way have ended.
enum DeleteEventSourceMapping: LambdaOperation {
    static let name = "DeleteEventSourceMapping"
    static let route = Route("DELETE", "/2015-03-31/event-source-mappings/{UUID}")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let told = try await service.checked { () async throws(FunctionError) in
            try await service.mappings.delete(call.parameters["UUID"] ?? "")
        }
        return RestReply(told, status: 202)
    }
}

/// Lists mappings, all or those of a function or a stream.
enum ListEventSourceMappings: LambdaOperation {
    static let name = "ListEventSourceMappings"
    static let route = Route("GET", "/2015-03-31/event-source-mappings")

    static func run(
        _ call: RestCall,
        _ service: LambdaService
    ) async throws(RestError) -> RestReply {
        let limit = min(100, try call.limit("MaxItems", 1...10_000, else: 100))
        var function: String?
        if let named = call.value("FunctionName") {
            let reference = try service.reference(named)
            function = service.functions.resourceName(reference.name, reference.qualifier)
        }
        let wanted = function
        let all = try await service.checked { () async throws(FunctionError) in
            try await service.mappings.descriptions(
                source: call.value("EventSourceArn"),
                function: wanted
            )
        }
        return .page(all.map(AttributeValue.map), "EventSourceMappings", call, limit)
    }
}
