package import ShaleItems
internal import ShaleTables
internal import ShaleWire

/// What ties a function to a stream, as the service describes it.
///
/// It is the description itself, with the service's names; what has a meaning here has a property.
package struct EventSourceMapping: Sendable, Equatable {
    /// All members; those whose names begin with `#` are not told to clients.
    package var fields: Item

    /// Reads what is stored.
    package init(_ fields: Item) { self.fields = fields }

    private func text(_ name: String) -> String { fields[name]?.stringValue ?? "" }
    private func number(_ name: String, _ otherwise: Int) -> Int {
        fields[name]?.numberValue?.intValue ?? otherwise
    }

    /// Its identity.
    package var identity: String { text("UUID") }
    /// The stream's resource name.
    package var source: String { text("EventSourceArn") }
    /// The function's, perhaps with a qualifier.
    package var function: String { text("FunctionArn") }
    /// Whether records are read.
    package var isEnabled: Bool { fields[Self.enabledName] == true }
    static let enabledName = "#enabled"
    /// Whether it is to go once the invocations under way have ended, also behind a restart.
    var isBeingDeleted: Bool { fields[Self.deletingName] == true }
    static let deletingName = "#deleting"
    /// Records of one invocation, at most.
    var batchSize: Int { number("BatchSize", 100) }
    /// How long records are waited for that fill a batch.
    var windowMilliseconds: Int64 { Int64(number("MaximumBatchingWindowInSeconds", 0)) * 1_000 }
    /// How long a tumbling window is; 0 is none.
    var tumblingMilliseconds: Int64 { Int64(number("TumblingWindowInSeconds", 0)) * 1_000 }
    /// How many batches of one shard run at the same time.
    var lanes: Int { number("ParallelizationFactor", 1) }
    /// Whether the function says which records went wrong.
    var reportsFailures: Bool {
        fields["FunctionResponseTypes"]?.listValue?.contains("ReportBatchItemFailures") ?? false
    }
    /// Whether reading begins with what comes after the mapping was made.
    var startsLatest: Bool { text("StartingPosition") == "LATEST" }
    /// Where what is given up is told; nil is nowhere.
    package var failureDestination: String? {
        fields["DestinationConfig"]?.mapValue?["OnFailure"]?.mapValue?["Destination"]?.stringValue
    }
    /// What is done with what fails.
    var rules: BatchProgress.Rules {
        let retries = number("MaximumRetryAttempts", -1)
        let age = number("MaximumRecordAgeInSeconds", -1)
        return BatchProgress.Rules(
            retries: retries < 0 ? nil : retries,
            ageMilliseconds: age < 0 ? nil : Int64(age) * 1_000,
            splits: fields["BisectBatchOnFunctionError"] == true
        )
    }

    /// The patterns of which a record must be of one; none is all.
    ///
    /// - Throws: what is wrong with one.
    package func patterns() throws(PatternError) -> [EventPattern] {
        let filters = fields["FilterCriteria"]?.mapValue?["Filters"]?.listValue ?? []
        var patterns: [EventPattern] = []
        for filter in filters {
            guard let text = filter.mapValue?["Pattern"]?.stringValue else { continue }
            patterns.append(try EventPattern(Array(text.utf8)))
        }
        return patterns
    }

    /// What clients are told.
    package var told: Item {
        Item(fields.filter { !$0.name.hasPrefix("#") }.map { ($0.name, $0.value) })
    }
}
