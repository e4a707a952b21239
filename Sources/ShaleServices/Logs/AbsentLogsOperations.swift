/// Operations of CloudWatch Logs that are not here, with what they are of: each is refused by name.
enum AbsentLogsOperations {
    /// What an operation is of; nil where the service has none of that name.
    static func feature(of operation: String) -> String? {
        features.first { $0.operations.contains(operation) }?.name
    }

    private static let features: [(name: String, operations: Set<String>)] = [
        ("Live tail", ["StartLiveTail"]),
        (
            "A metric filter",
            [
                "DeleteMetricFilter", "DescribeMetricFilters", "PutMetricFilter",
                "TestMetricFilter",
            ]
        ),
        (
            "A subscription filter",
            ["DeleteSubscriptionFilter", "DescribeSubscriptionFilters", "PutSubscriptionFilter"]
        ),
        (
            "A destination of logs",
            [
                "DeleteDestination", "DescribeDestinations", "PutDestination",
                "PutDestinationPolicy",
            ]
        ),
        (
            "A query of logs",
            [
                "CreateScheduledQuery", "DeleteQueryDefinition", "DeleteScheduledQuery",
                "DescribeQueries", "DescribeQueryDefinitions", "GetLogFields",
                "GetLogGroupFields", "GetLogObject", "GetLogRecord", "GetQueryResults",
                "GetScheduledQuery", "GetScheduledQueryHistory", "ListLogGroupsForQuery",
                "ListScheduledQueries", "PutQueryDefinition", "StartQuery", "StopQuery",
                "UpdateScheduledQuery",
            ]
        ),
        (
            "Export and import of logs",
            [
                "CancelExportTask", "CancelImportTask", "CreateExportTask", "CreateImportTask",
                "DescribeExportTasks", "DescribeImportTaskBatches", "DescribeImportTasks",
            ]
        ),
        (
            "Delivery of logs",
            [
                "CreateDelivery", "DeleteDelivery", "DeleteDeliveryDestination",
                "DeleteDeliveryDestinationPolicy", "DeleteDeliverySource",
                "DescribeConfigurationTemplates", "DescribeDeliveries",
                "DescribeDeliveryDestinations", "DescribeDeliverySources", "GetDelivery",
                "GetDeliveryDestination", "GetDeliveryDestinationPolicy", "GetDeliverySource",
                "PutDeliveryDestination", "PutDeliveryDestinationPolicy", "PutDeliverySource",
                "UpdateDeliveryConfiguration",
            ]
        ),
        ("A key of encryption", ["AssociateKmsKey", "DisassociateKmsKey"]),
        (
            "A policy of logs",
            [
                "DeleteAccountPolicy", "DeleteDataProtectionPolicy", "DeleteIndexPolicy",
                "DeleteResourcePolicy", "DescribeAccountPolicies", "DescribeFieldIndexes",
                "DescribeIndexPolicies", "DescribeResourcePolicies", "GetDataProtectionPolicy",
                "PutAccountPolicy", "PutBearerTokenAuthentication", "PutDataProtectionPolicy",
                "PutIndexPolicy", "PutLogGroupDeletionProtection", "PutResourcePolicy",
            ]
        ),
        (
            "Detection of anomalies",
            [
                "CreateLogAnomalyDetector", "DeleteLogAnomalyDetector", "GetLogAnomalyDetector",
                "ListAnomalies", "ListLogAnomalyDetectors", "UpdateAnomaly",
                "UpdateLogAnomalyDetector",
            ]
        ),
        (
            "A transformer of logs",
            ["DeleteTransformer", "GetTransformer", "PutTransformer", "TestTransformer"]
        ),
        (
            "A lookup table",
            [
                "CreateLookupTable", "DeleteLookupTable", "DescribeLookupTables",
                "GetLookupTable", "UpdateLookupTable",
            ]
        ),
        (
            "An integration of logs",
            [
                "AssociateSourceToS3TableIntegration", "DeleteIntegration",
                "DisassociateSourceFromS3TableIntegration", "GetIntegration", "ListIntegrations",
                "ListSourcesForS3TableIntegration", "PutIntegration",
            ]
        ),
        ("A summary of log groups", ["ListAggregateLogGroupSummaries", "ListLogGroups"]),
    ]
}
