internal import ShaleWire

/// The operations of features that one installation of Shale does not have, or not yet.
///
/// What would change something is refused by an error that names the feature and that no client repeats.
/// What only asks is answered truthfully: there are none (`AbsentLists`), it is off, there is no such
/// thing (`AbsentDescriptions`).
enum AbsentFeatures {
    typealias Run = @Sendable (RequestBody, Service) async throws(WireError) -> [UInt8]

    /// Operations that would change something, by what they are for.
    private static let changes: [(feature: String, operations: [String])] = [
        (
            "global tables",
            [
                "CreateGlobalTable", "UpdateGlobalTable", "UpdateGlobalTableSettings",
                "UpdateTableReplicaAutoScaling",
            ]
        ),
        (
            "Kinesis streaming destinations",
            [
                "EnableKinesisStreamingDestination", "DisableKinesisStreamingDestination",
                "UpdateKinesisStreamingDestination",
            ]
        ),
        ("Contributor Insights", ["UpdateContributorInsights"]),
    ]

    /// All of them, by name.
    static let operations: [String: Run] = {
        var operations = AbsentLists.operations
        operations.merge(AbsentDescriptions.operations) { first, _ in first }
        for (feature, names) in changes {
            for name in names { operations[name] = refusal(of: name, feature) }
        }
        return operations
    }()

    /// The same, for those who may do them with every resource.
    static let authorized: [String: Run] = Dictionary(
        uniqueKeysWithValues: operations.map { name, run in
            let authorized: Run = { (body, service) throws(WireError) in
                if !service.allowsEverything {
                    try service.authorize([Access(action: "dynamodb:\(name)", resource: "*")])
                }
                return try await run(body, service)
            }
            return (name, authorized)
        }
    )

    private static func refusal(of name: String, _ feature: String) -> Run {
        { (body, _) throws(WireError) in
            var reader = JSONReader(body.array)
            guard try reader.peek() == .object else {
                throw .serialization("Unexpected value type in payload")
            }
            try reader.skipValue()
            try reader.finish()
            throw .validation(
                "\(name) is not supported by this server: there are no \(feature) here."
            )
        }
    }
}
