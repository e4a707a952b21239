public import ShaleWire

/// The operations by name.
public enum OperationRegistry {
    private typealias Run = @Sendable (RequestBody, Service) async throws(WireError) -> [UInt8]

    private static let present: [String: Run] = [
        BatchExecuteStatement.name: BatchExecuteStatement.run,
        BatchGetItem.name: BatchGetItem.run,
        BatchWriteItem.name: BatchWriteItem.run,
        CreateBackup.name: CreateBackup.run,
        CreateTable.name: CreateTable.run,
        DeleteBackup.name: DeleteBackup.run,
        DeleteItem.name: DeleteItem.run,
        DeleteResourcePolicy.name: DeleteResourcePolicy.run,
        DeleteTable.name: DeleteTable.run,
        DescribeBackup.name: DescribeBackup.run,
        DescribeContinuousBackups.name: DescribeContinuousBackups.run,
        DescribeEndpoints.name: DescribeEndpoints.run,
        DescribeExport.name: DescribeExport.run,
        DescribeImport.name: DescribeImport.run,
        DescribeLimits.name: DescribeLimits.run,
        DescribeStream.name: DescribeStream.run,
        DescribeTable.name: DescribeTable.run,
        DescribeTimeToLive.name: DescribeTimeToLive.run,
        ExecuteStatement.name: ExecuteStatement.run,
        ExecuteTransaction.name: ExecuteTransaction.run,
        ExportTableToPointInTime.name: ExportTableToPointInTime.run,
        GetItem.name: GetItem.run,
        GetRecords.name: GetRecords.run,
        GetResourcePolicy.name: GetResourcePolicy.run,
        GetShardIterator.name: GetShardIterator.run,
        ImportTable.name: ImportTable.run,
        ListBackups.name: ListBackups.run,
        ListExports.name: ListExports.run,
        ListImports.name: ListImports.run,
        ListStreams.name: ListStreams.run,
        ListTables.name: ListTables.run,
        ListTagsOfResource.name: ListTagsOfResource.run,
        PutItem.name: PutItem.run,
        PutResourcePolicy.name: PutResourcePolicy.run,
        Query.name: Query.run,
        RestoreTableFromBackup.name: RestoreTableFromBackup.run,
        RestoreTableToPointInTime.name: RestoreTableToPointInTime.run,
        Scan.name: Scan.run,
        TagResource.name: TagResource.run,
        TransactGetItems.name: TransactGetItems.run,
        TransactWriteItems.name: TransactWriteItems.run,
        UntagResource.name: UntagResource.run,
        UpdateContinuousBackups.name: UpdateContinuousBackups.run,
        UpdateItem.name: UpdateItem.run,
        UpdateTable.name: UpdateTable.run,
        UpdateTimeToLive.name: UpdateTimeToLive.run,
    ]

    private static let operations: [String: Run] =
        present.merging(AbsentFeatures.authorized) { present, _ in present }

    /// Those of streams; their targets begin otherwise.
    private static let ofStreams = [
        DescribeStream.name, GetRecords.name, GetShardIterator.name, ListStreams.name,
    ]

    /// Those of Application Auto Scaling.
    private static let ofScaling: [String: Run] = [
        DeleteScalingPolicy.name: DeleteScalingPolicy.run,
        DeregisterScalableTarget.name: DeregisterScalableTarget.run,
        DescribeScalableTargets.name: DescribeScalableTargets.run,
        DescribeScalingActivities.name: DescribeScalingActivities.run,
        DescribeScalingPolicies.name: DescribeScalingPolicies.run,
        ListTagsForResource.name: ListTagsForResource.run,
        PutScalingPolicy.name: PutScalingPolicy.run,
        RegisterScalableTarget.name: RegisterScalableTarget.run,
        TagScalableTarget.name: TagScalableTarget.run,
        UntagScalableTarget.name: UntagScalableTarget.run,
    ]

    private struct Entry {
        var name: String
        var target: [UInt8]
        var run: Run
        var isOfScaling = false
    }

    private static let entries: [Entry] = {
        let ofTables = operations.map { name, run in
            let prefix =
                ofStreams.contains(name) ? Envelope.streamsTargetPrefix : Envelope.targetPrefix
            return Entry(name: name, target: Array((prefix + name).utf8), run: run)
        }
        let ofCapacities = ofScaling.map { name, run in
            Entry(
                name: "\(Envelope.scalingService):\(name)",
                target: Array((Envelope.scalingTargetPrefix + name).utf8),
                run: run,
                isOfScaling: true
            )
        }
        return (ofTables + ofCapacities).sorted { $0.name < $1.name }
    }()

    /// The names of all operations, sorted; those that are not of tables with the service's before them.
    public static let names: [String] = entries.map(\.name)

    private static let inOrder: [Run] = entries.map(\.run)
    private static let byName = Dictionary(uniqueKeysWithValues: entries.map { ($0.name, $0.run) })
    private static let targets: [[UInt8]] = entries.map(\.target)
    /// Places by the length of the target, so that few targets are compared.
    private static let placesByLength: [[Int]] = {
        var places = [[Int]](repeating: [], count: (targets.map(\.count).max() ?? 0) + 1)
        for (place, target) in targets.enumerated() { places[target.count].append(place) }
        return places
    }()
    private static let describeEndpoints = names.firstIndex { $0 == DescribeEndpoints.name }

    /// The place in `names` of the operation that a target header names; nil if there is none.
    public static func find(target: Span<UInt8>) -> Int? {
        guard target.count < placesByLength.count else { return nil }
        return placesByLength[target.count].first { place in
            let known = targets[place]
            // From the end: the beginnings are all alike.
            for index in known.indices.reversed() where known[index] != target[index] {
                return false
            }
            return true
        }
    }

    /// Whether the operation at a place in `names` answers with the name of its server.
    public static func tellsEndpoint(_ operation: Int) -> Bool { operation == describeEndpoints }

    /// Whether the operation at a place in `names` is one of Application Auto Scaling.
    public static func isOfScaling(_ operation: Int) -> Bool { entries[operation].isOfScaling }

    /// Runs the operation at a place in `names` on the bytes of its request.
    public static func run(
        _ operation: Int,
        _ body: RequestBody,
        on service: Service
    ) async throws(WireError) -> [UInt8] {
        try await inOrder[operation](body, service)
    }

    /// Runs the operation `name` on the bytes of its request.
    public static func run(
        _ name: String,
        _ body: RequestBody,
        on service: Service
    ) async throws(WireError) -> [UInt8] {
        guard let operation = byName[name] else { throw unknown(name) }
        return try await operation(body, service)
    }

    /// The error for an operation that does not exist.
    public static func unknown(_ name: String) -> WireError {
        WireError(
            .unknownOperation,
            "The operation \(name.prefix(64)) is not supported by this server."
        )
    }
}
