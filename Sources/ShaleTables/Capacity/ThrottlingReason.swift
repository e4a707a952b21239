internal import ShaleCapacity

/// Why a request was throttled, and at what.
public struct ThrottlingReason: Sendable, Equatable {
    /// The service's name of it, as "TableReadProvisionedThroughputExceeded".
    public var reason: String
    /// The table.
    public var tableName: String
    /// The global index, where it is one.
    public var indexName: String?

    /// Puts a reason together.
    public init(reason: String, tableName: String, indexName: String? = nil) {
        self.reason = reason
        self.tableName = tableName
        self.indexName = indexName
    }
}

extension DatabaseError {
    /// A request that a table or one of its indexes refused.
    init(_ refusal: TableCapacity.Refusal, of tableName: String, _ billing: BillingMode) {
        let indexName: String? =
            if case .index(let name) = refusal.resource { name } else { nil }
        switch billing {
        case .provisioned:
            self.init(
                .throughputExceeded,
                indexName == nil ? Self.tableExceeded : Self.indexExceeded
            )
        case .payPerRequest:
            let text =
                if refusal.kind == .maximum { Self.maximumExceeded } else {
                    indexName == nil ? Self.tableIsGrowing : Self.indexIsGrowing
                }
            self.init(.throttled, text)
        }
        throttlingReasons = [
            ThrottlingReason(reason: refusal.reason, tableName: tableName, indexName: indexName)
        ]
    }

    /// Whether a table or an index had no capacity left for the request.
    var isThrottling: Bool { code == .throughputExceeded || code == .throttled }

    private static let tableExceeded =
        "The level of configured provisioned throughput for the table was exceeded. Consider increasing "
        + "your provisioning level with the UpdateTable API."
    private static let indexExceeded =
        "The level of configured provisioned throughput for one or more global secondary indexes of the "
        + "table was exceeded. Consider increasing your provisioning level for the under-provisioned "
        + "global secondary indexes with the UpdateTable API"
    private static let maximumExceeded =
        "Throughput exceeds the maximum OnDemandThroughput configured on table or index"
    private static let tableIsGrowing =
        "Throughput exceeds the current capacity of your table or index. DynamoDB is automatically "
        + "scaling your table or index so please try again shortly. If exceptions persist, check if you "
        + "have a hot key: https://docs.aws.amazon.com/amazondynamodb/latest/developerguide/"
        + "bp-partition-key-design.html"
    private static let indexIsGrowing =
        "Throughput exceeds the current capacity for one or more global secondary indexes. DynamoDB is "
        + "automatically scaling your index so please try again shortly."
}
