public import ShaleWire

/// The operations by name.
public enum OperationRegistry {
    private typealias Run = @Sendable (RequestBody, Service) async throws(WireError) -> [UInt8]

    private static let operations: [String: Run] = [
        BatchGetItem.name: BatchGetItem.run,
        BatchWriteItem.name: BatchWriteItem.run,
        CreateTable.name: CreateTable.run,
        DeleteItem.name: DeleteItem.run,
        DeleteTable.name: DeleteTable.run,
        DescribeEndpoints.name: DescribeEndpoints.run,
        DescribeLimits.name: DescribeLimits.run,
        DescribeTable.name: DescribeTable.run,
        GetItem.name: GetItem.run,
        ListTables.name: ListTables.run,
        PutItem.name: PutItem.run,
        Query.name: Query.run,
        Scan.name: Scan.run,
        TransactGetItems.name: TransactGetItems.run,
        TransactWriteItems.name: TransactWriteItems.run,
        UpdateItem.name: UpdateItem.run,
        UpdateTable.name: UpdateTable.run,
    ]

    /// The names of all operations, sorted.
    public static let names: [String] = operations.keys.sorted()

    private static let inOrder: [Run] = names.compactMap { operations[$0] }
    private static let namesInBytes: [[UInt8]] = names.map { Array($0.utf8) }
    private static let prefix = Array(Envelope.targetPrefix.utf8)
    private static let describeEndpoints = names.firstIndex { $0 == DescribeEndpoints.name }

    /// The place in `names` of the operation that a target header names; nil if there is none.
    public static func find(target: Span<UInt8>) -> Int? {
        let prefix = prefix
        guard target.count > prefix.count else { return nil }
        for index in prefix.indices where target[index] != prefix[index] { return nil }
        let name = target.extracting(prefix.count..<target.count)
        return namesInBytes.firstIndex { known in
            guard known.count == name.count else { return false }
            for index in known.indices where known[index] != name[index] { return false }
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
