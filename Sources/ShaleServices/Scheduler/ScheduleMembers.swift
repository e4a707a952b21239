internal import ShaleItems
internal import ShaleTriggers
internal import ShaleWire

/// The members of requests that describe a schedule.
enum ScheduleMembers {
    private static let dates = Shape.decimal(0...253_402_300_799)

    /// Parameters of targets that are not here, with what they are of.
    private static let absent = [
        "DeadLetterConfig", "EcsParameters", "EventBridgeParameters", "KinesisParameters",
        "SageMakerPipelineParameters", "SqsParameters",
    ]

    private static let target = Shape.structure(
        [
            .required("Arn", .text(1...1_600)), .required("RoleArn", SchedulerShapes.role),
            Member("Input", .text(1...Int.max)),
            Member(
                "RetryPolicy",
                .structure([
                    Member("MaximumEventAgeInSeconds", .whole(60...86_400)),
                    Member("MaximumRetryAttempts", .whole(0...185)),
                ])
            ),
            Member("DeadLetterConfig", .structure([Member("Arn", .text(1...1_600))])),
        ] + absent.dropFirst().map { Member($0, .structure([])) }
    )

    private static let shape: [Member] = [
        .required("ScheduleExpression", .text(1...256)), .required("Target", target),
        .required(
            "FlexibleTimeWindow",
            .structure([
                .required("Mode", .word(["OFF", "FLEXIBLE"])),
                Member("MaximumWindowInMinutes", .whole(1...1_440)),
            ])
        ),
        Member("ActionAfterCompletion", .word(["NONE", "DELETE"])),
        Member("ClientToken", SchedulerShapes.token), Member("Description", .text(0...512)),
        Member("StartDate", dates), Member("EndDate", dates),
        Member("GroupName", SchedulerShapes.name), Member("KmsKeyArn", .text(1...2_048)),
        Member("ScheduleExpressionTimezone", .text(1...50)),
        Member("State", .word(["ENABLED", "DISABLED"])),
    ]

    /// Reads a description, and the client's token beside it; refuses by name what is not here.
    static func read(
        _ call: RestCall,
        _ operation: String
    ) throws(RestError) -> (fields: Item, token: ClientToken?) {
        var constraints = Constraints()
        let name = call.schedulerName(&constraints)
        var fields = try call.members(shape, also: constraints)
        fields["Name"] = .string(name)
        let token = fields.remove("ClientToken")?.stringValue
        var target = fields["Target"]?.mapValue ?? [:]
        for member in absent {
            guard let value = target.remove(member) else { continue }
            // A dead-letter queue without a name is none.
            guard member == "DeadLetterConfig", value == [:] else {
                throw RestError(
                    "ValidationException",
                    400,
                    "\(member) of a target is not supported by this server; see Docs/Schedules.md."
                )
            }
        }
        fields["Target"] = .map(target)
        return (fields, call.token(token, operation))
    }
}
