/// Which fields states of a type may have, in which language.
struct StateFieldTable {
    /// Fields of states in either language.
    let shared: Set<String>
    /// Fields of states in JSONPath only.
    let pathOnly: Set<String>
    /// Fields of states in JSONata only.
    let expressionOnly: Set<String>

    private init(_ shared: Set<String>, path: Set<String>, expression: Set<String>) {
        self.shared = shared.union(["Type", "Comment", "QueryLanguage"])
        pathOnly = path
        expressionOnly = expression
    }

    private static let course: Set<String> = ["Next", "End", "Assign"]
    private static let failures: Set<String> = ["Retry", "Catch"]
    private static let passage: Set<String> = ["InputPath", "OutputPath"]
    private static let work: Set<String> = [
        "InputPath", "OutputPath", "Parameters", "ResultSelector", "ResultPath",
    ]

    /// The types of states, each with its fields.
    static let all: [String: StateFieldTable] = [
        "Pass": StateFieldTable(
            course,
            path: passage.union(["Parameters", "ResultPath", "Result"]),
            expression: ["Output"]
        ),
        "Task": StateFieldTable(
            course.union(failures).union([
                "Resource", "TimeoutSeconds", "HeartbeatSeconds", "Credentials",
            ]),
            path: work.union(["TimeoutSecondsPath", "HeartbeatSecondsPath"]),
            expression: ["Arguments", "Output"]
        ),
        "Choice": StateFieldTable(
            ["Choices", "Default", "Assign"],
            path: passage,
            expression: ["Output"]
        ),
        "Wait": StateFieldTable(
            course.union(["Seconds", "Timestamp"]),
            path: passage.union(["SecondsPath", "TimestampPath"]),
            expression: ["Output"]
        ),
        "Succeed": StateFieldTable([], path: passage, expression: ["Output"]),
        "Fail": StateFieldTable(
            ["Error", "Cause"],
            path: ["ErrorPath", "CausePath"],
            expression: []
        ),
        "Parallel": StateFieldTable(
            course.union(failures).union(["Branches"]),
            path: work,
            expression: ["Arguments", "Output"]
        ),
        "Map": StateFieldTable(
            course.union(failures).union([
                "ItemProcessor", "Iterator", "ItemSelector", "ItemReader", "ItemBatcher",
                "ResultWriter", "MaxConcurrency", "ToleratedFailureCount",
                "ToleratedFailurePercentage", "Label",
            ]),
            path: work.union([
                "ItemsPath", "MaxConcurrencyPath", "ToleratedFailureCountPath",
                "ToleratedFailurePercentagePath",
            ]),
            expression: ["Items", "Output"]
        ),
    ]
}
