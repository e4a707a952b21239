public import ShaleWire

/// The operations by name.
public enum OperationRegistry {
    private typealias Run = @Sendable ([UInt8], Service) async throws(WireError) -> [UInt8]

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
        UpdateItem.name: UpdateItem.run,
        UpdateTable.name: UpdateTable.run,
    ]

    /// The names of all operations, sorted.
    public static let names: [String] = operations.keys.sorted()

    /// Runs the operation `name` on the bytes of its request.
    public static func run(
        _ name: String,
        _ body: [UInt8],
        on service: Service
    ) async throws(WireError) -> [UInt8] {
        guard let operation = operations[name] else {
            throw WireError(
                .unknownOperation,
                "The operation \(name.prefix(64)) is not supported by this server."
            )
        }
        return try await operation(body, service)
    }
}
