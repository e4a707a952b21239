internal import ShaleItems
internal import Simulation

/// What a seed decides of a mapping, of its function and of those who write.
struct MappingChoices: Sendable {
    static let table = "Things"
    static let function = "handler"
    static let bucket = "failures"

    var writers = 1
    var batchSize = 1
    var windowSeconds = 0
    var tumblingSeconds = 0
    var lanes = 1
    var splits = false
    var reportsFailures = false
    /// How often a batch comes again; nil is for ever.
    var retries: Int?
    /// Whether what is given up is told in a bucket.
    var hasDestination = false
    /// Whether deletions are kept from the function by a filter.
    var filtersDeletions = false
    var startsLatest = false
    /// In how many lives nobody has made the mapping yet.
    var livesBefore = 0
    /// Of so many calls of the function one fails.
    var failsOneIn = Int.max
    /// Bytes that the state of a window has beside what it is about.
    var padding = 0
    /// Whether only one call may run at a time.
    var isThrottled = false

    /// The simplest.
    init() {}

    /// The choices of a seed, without what is left out.
    init(_ generator: inout SimulatedGenerator, without omissions: Omissions) {
        writers = 1 + generator.below(3)
        batchSize = [1, 3, 10, 100][generator.below(4)]
        windowSeconds = [0, 0, 1, 5][generator.below(4)]
        tumblingSeconds = [0, 0, 1, 5, 60][generator.below(5)]
        let many = [1, 2, 4][generator.below(3)]
        lanes = tumblingSeconds > 0 ? 1 : many
        splits = generator.oneIn(2)
        reportsFailures = generator.oneIn(2)
        retries = [nil, nil, 0, 2][generator.below(4)]
        hasDestination = generator.oneIn(2)
        filtersDeletions = generator.oneIn(3)
        startsLatest = generator.oneIn(3)
        livesBefore = generator.below(3)
        let part = [2, 4, 20, .max][generator.below(4)]
        failsOneIn = omissions.names.contains(Omissions.faults) ? .max : part
        padding = generator.oneIn(5) ? [300_000, 1_060_000][generator.below(2)] : 0
        isThrottled = generator.oneIn(4)
    }

    /// A mapping of a stream to a function, with the service's names.
    func mapping(from source: String, to function: String) -> Item {
        var mapping: Item = [
            "EventSourceArn": .string(source), "FunctionArn": .string(function),
            "StartingPosition": startsLatest ? "LATEST" : "TRIM_HORIZON",
            "BatchSize": .number(Number(batchSize)),
            "MaximumBatchingWindowInSeconds": .number(Number(windowSeconds)),
            "ParallelizationFactor": .number(Number(lanes)),
            "BisectBatchOnFunctionError": .bool(splits), "#enabled": true,
        ]
        if tumblingSeconds > 0 {
            mapping["TumblingWindowInSeconds"] = .number(Number(tumblingSeconds))
        }
        if let retries { mapping["MaximumRetryAttempts"] = .number(Number(retries)) }
        if reportsFailures { mapping["FunctionResponseTypes"] = ["ReportBatchItemFailures"] }
        if hasDestination {
            let bucket = "arn:aws:s3:::\(Self.bucket)"
            mapping["DestinationConfig"] = ["OnFailure": ["Destination": .string(bucket)]]
        }
        if filtersDeletions {
            let pattern: AttributeValue = #"{"eventName": ["INSERT", "MODIFY"]}"#
            mapping["FilterCriteria"] = ["Filters": [["Pattern": pattern]]]
        }
        return mapping
    }

    /// The choices in words.
    var words: String {
        "\(writers) writers, batches of \(batchSize), windows of \(windowSeconds) s, tumbling "
            + "\(tumblingSeconds) s, \(lanes) lanes, splits \(splits), reports \(reportsFailures), "
            + "retries \(retries.map { "\($0)" } ?? "for ever"), destination \(hasDestination), "
            + "without deletions \(filtersDeletions), from the latest \(startsLatest) in life "
            + "\(livesBefore), one in \(failsOneIn) fails, padding \(padding), throttled \(isThrottled)"
    }
}
