package import ShaleItems

/// A schedule: its description with the service's names, and what is known of its course.
///
/// The members of its own begin with `#`, which no name of the service does:
///
///     #identity  S  a UUID: tells it from another one of its name, before or after
///     #anchor    N  when its rate began to count, in milliseconds since 1970-01-01 UTC
///     #next      N  when it is due next, the same; absent where it is not
///     #last      N  when it was due last, the same; absent where it was not
package struct Schedule: Sendable, Equatable {
    /// All members.
    package var fields: Item

    /// Reads what is stored.
    init(_ fields: Item) { self.fields = fields }

    /// What clients are told.
    package var told: Item {
        Item(fields.filter { !$0.name.hasPrefix("#") }.map { ($0.name, $0.value) })
    }

    /// What lists tell.
    package var listed: Item {
        var listed = Item()
        for name in ["Arn", "CreationDate", "GroupName", "LastModificationDate", "Name", "State"] {
            listed[name] = fields[name]
        }
        listed["Target"] = ["Arn": .string(targetName)]
        return listed
    }

    /// Its name within its group.
    package var name: String { text("Name") }
    /// Its group.
    package var group: String { text("GroupName") }
    /// Its resource name.
    package var resourceName: String { text("Arn") }
    var expressionText: String { text("ScheduleExpression") }
    var zoneName: String { text("ScheduleExpressionTimezone") }
    var isEnabled: Bool { text("State") == "ENABLED" }
    /// Whether it is deleted once it is due no more.
    var endsWithItself: Bool { text("ActionAfterCompletion") == "DELETE" }
    /// How long after its time it may fire; 0 is at once.
    var windowMilliseconds: Int64 {
        let window = fields["FlexibleTimeWindow"]?.mapValue
        return Int64(window?["MaximumWindowInMinutes"]?.numberValue?.intValue ?? 0) * 60_000
    }

    private var target: Item { fields["Target"]?.mapValue ?? [:] }
    /// The resource name of what it runs.
    package var targetName: String { target["Arn"]?.stringValue ?? "" }
    var input: String? { target["Input"]?.stringValue }
    var retryRules: RetryRules { RetryRules(target["RetryPolicy"]?.mapValue ?? [:]) }

    var identity: String { text("#identity") }
    var anchor: Int64 { number("#anchor") ?? 0 }
    var start: Int64? { Self.milliseconds(fields["StartDate"]) }
    var end: Int64? { Self.milliseconds(fields["EndDate"]) }
    var next: Int64? {
        get { number("#next") }
        set { fields["#next"] = newValue.map { .number(Number($0)) } }
    }
    var last: Int64? {
        get { number("#last") }
        set { fields["#last"] = newValue.map { .number(Number($0)) } }
    }

    private func text(_ name: String) -> String { fields[name]?.stringValue ?? "" }
    private func number(_ name: String) -> Int64? {
        fields[name]?.numberValue?.intValue.map(Int64.init)
    }

    /// Milliseconds of a date, which clients give in seconds.
    static func milliseconds(_ date: AttributeValue?) -> Int64? {
        guard let number = date?.numberValue, let seconds = Double("\(number)") else { return nil }
        return Int64((seconds * 1_000).rounded())
    }

    /// A date as clients are told it: seconds.
    static func date(_ milliseconds: Int64) -> AttributeValue? {
        (try? Number(Double(milliseconds) / 1_000)).map { .number($0) }
    }
}
