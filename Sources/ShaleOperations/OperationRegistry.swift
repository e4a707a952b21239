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

    /// The names of all operations, sorted.
    public static let names: [String] = operations.keys.sorted()

    private static let inOrder: [Run] = names.compactMap { operations[$0] }
    private static let targets: [[UInt8]] = names.map { name in
        let prefix =
            ofStreams.contains(name) ? Envelope.streamsTargetPrefix : Envelope.targetPrefix
        return Array((prefix + name).utf8)
    }
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
        guard let operation = operations[name] else { throw unknown(name) }
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
