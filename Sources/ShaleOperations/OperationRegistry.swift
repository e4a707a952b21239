public import ShaleWire

/// The operations by name.
public enum OperationRegistry {
    private typealias Run = @Sendable (RequestBody, Service) async throws(WireError) -> [UInt8]

    /// Each with its function as it is: out of a dictionary it would come wrapped, and a wrapper is a frame of its own.
    private static let present: [Entry] = [
        Entry(BatchExecuteStatement.name, BatchExecuteStatement.run),
        Entry(BatchGetItem.name, BatchGetItem.run),
        Entry(BatchWriteItem.name, BatchWriteItem.run),
        Entry(CreateBackup.name, CreateBackup.run),
        Entry(CreateTable.name, CreateTable.run),
        Entry(DeleteBackup.name, DeleteBackup.run),
        Entry(DeleteItem.name, DeleteItem.run),
        Entry(DeleteResourcePolicy.name, DeleteResourcePolicy.run),
        Entry(DeleteTable.name, DeleteTable.run),
        Entry(DescribeBackup.name, DescribeBackup.run),
        Entry(DescribeContinuousBackups.name, DescribeContinuousBackups.run),
        Entry(DescribeEndpoints.name, DescribeEndpoints.run),
        Entry(DescribeExport.name, DescribeExport.run),
        Entry(DescribeImport.name, DescribeImport.run),
        Entry(DescribeLimits.name, DescribeLimits.run),
        Entry(DescribeStream.name, DescribeStream.run),
        Entry(DescribeTable.name, DescribeTable.run),
        Entry(DescribeTimeToLive.name, DescribeTimeToLive.run),
        Entry(ExecuteStatement.name, ExecuteStatement.run),
        Entry(ExecuteTransaction.name, ExecuteTransaction.run),
        Entry(ExportTableToPointInTime.name, ExportTableToPointInTime.run),
        Entry(GetItem.name, GetItem.run),
        Entry(GetRecords.name, GetRecords.run),
        Entry(GetResourcePolicy.name, GetResourcePolicy.run),
        Entry(GetShardIterator.name, GetShardIterator.run),
        Entry(ImportTable.name, ImportTable.run),
        Entry(ListBackups.name, ListBackups.run),
        Entry(ListExports.name, ListExports.run),
        Entry(ListImports.name, ListImports.run),
        Entry(ListStreams.name, ListStreams.run),
        Entry(ListTables.name, ListTables.run),
        Entry(ListTagsOfResource.name, ListTagsOfResource.run),
        Entry(PutItem.name, PutItem.run),
        Entry(PutResourcePolicy.name, PutResourcePolicy.run),
        Entry(Query.name, Query.run),
        Entry(RestoreTableFromBackup.name, RestoreTableFromBackup.run),
        Entry(RestoreTableToPointInTime.name, RestoreTableToPointInTime.run),
        Entry(Scan.name, Scan.run),
        Entry(TagResource.name, TagResource.run),
        Entry(TransactGetItems.name, TransactGetItems.run),
        Entry(TransactWriteItems.name, TransactWriteItems.run),
        Entry(UntagResource.name, UntagResource.run),
        Entry(UpdateContinuousBackups.name, UpdateContinuousBackups.run),
        Entry(UpdateItem.name, UpdateItem.run),
        Entry(UpdateTable.name, UpdateTable.run),
        Entry(UpdateTimeToLive.name, UpdateTimeToLive.run),
    ]

    /// Those of streams; their targets begin otherwise.
    private static let ofStreams = [
        DescribeStream.name, GetRecords.name, GetShardIterator.name, ListStreams.name,
    ]

    /// Those of Application Auto Scaling.
    private static let ofScaling: [Entry] = [
        Entry(DeleteScalingPolicy.name, DeleteScalingPolicy.run),
        Entry(DeregisterScalableTarget.name, DeregisterScalableTarget.run),
        Entry(DescribeScalableTargets.name, DescribeScalableTargets.run),
        Entry(DescribeScalingActivities.name, DescribeScalingActivities.run),
        Entry(DescribeScalingPolicies.name, DescribeScalingPolicies.run),
        Entry(ListTagsForResource.name, ListTagsForResource.run),
        Entry(PutScalingPolicy.name, PutScalingPolicy.run),
        Entry(RegisterScalableTarget.name, RegisterScalableTarget.run),
        Entry(TagScalableTarget.name, TagScalableTarget.run),
        Entry(UntagScalableTarget.name, UntagScalableTarget.run),
    ]

    private struct Entry {
        var name: String
        var target: [UInt8]
        var run: Run
        var isOfScaling = false

        /// One of tables or streams.
        init(_ name: String, _ run: @escaping Run) {
            self.name = name
            self.run = run
            let prefix =
                ofStreams.contains(name) ? Envelope.streamsTargetPrefix : Envelope.targetPrefix
            target = Array((prefix + name).utf8)
        }

        /// The same operation as one of Application Auto Scaling.
        var ofScaling: Entry {
            var entry = self
            entry.name = "\(Envelope.scalingService):\(name)"
            entry.target = Array((Envelope.scalingTargetPrefix + name).utf8)
            entry.isOfScaling = true
            return entry
        }
    }

    private static let entries: [Entry] = {
        let absent = AbsentFeatures.authorized.map { Entry($0.key, $0.value) }
        return (present + absent + ofScaling.map(\.ofScaling)).sorted { $0.name < $1.name }
    }()

    /// The names of all operations, sorted; those that are not of tables with the service's before them.
    public static let names: [String] = entries.map(\.name)

    private static let places = Dictionary(uniqueKeysWithValues: zip(names, names.indices))
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
        try await entries[operation].run(body, service)
    }

    /// Runs the operation `name` on the bytes of its request.
    public static func run(
        _ name: String,
        _ body: RequestBody,
        on service: Service
    ) async throws(WireError) -> [UInt8] {
        guard let place = places[name] else { throw unknown(name) }
        return try await run(place, body, on: service)
    }

    /// The error for an operation that does not exist.
    public static func unknown(_ name: String) -> WireError {
        WireError(
            .unknownOperation,
            "The operation \(name.prefix(64)) is not supported by this server."
        )
    }
}
