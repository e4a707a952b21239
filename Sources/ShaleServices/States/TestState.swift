internal import ShaleItems
internal import ShaleStateMachines
internal import ShaleStates

/// Tests one state: runs it with an input, and tells what it made of its data.
enum TestState: StatesOperation {
    static let name = "TestState"
    private static let stateName: Shape = .text(1...StatesLimits.nameLetters)
    static let shape: [Member] = [
        .required("definition", StatesShapes.definition), Member("roleArn", StatesShapes.arn),
        Member("input", StatesShapes.data),
        Member("inspectionLevel", .word(["INFO", "DEBUG", "TRACE"])),
        Member("revealSecrets", .flag), Member("variables", StatesShapes.data),
        Member("stateName", stateName), Member("context", StatesShapes.data),
        Member(
            "mock",
            .structure([
                Member("result", StatesShapes.data),
                Member("errorOutput", .structure(StatesShapes.failure)),
                Member("fieldValidationMode", .word(["STRICT", "PRESENT", "NONE"])),
            ])
        ),
        Member(
            "stateConfiguration",
            .structure([
                Member("retrierRetryCount", .whole(0...Int(Int32.max))),
                Member("errorCausedByState", stateName),
                Member("mapIterationFailureCount", .whole(0...Int(Int32.max))),
                Member("mapItemReaderData", StatesShapes.data),
            ])
        ),
    ]

    static func run(
        _ members: Item,
        _ service: StatesService
    ) async throws(RestError) -> RestReply {
        let result = try await service.checked { () async throws(StatesError) in
            try await service.executions.test(try request(members))
        }
        var answer: Item = ["status": .string(result.status.rawValue)]
        answer.set("output", result.output)
        answer.set("nextState", result.nextState)
        answer.set("error", result.error)
        answer.set("cause", result.cause)
        // TRACE tells of HTTP tasks more than DEBUG does; there are none here.
        if ["DEBUG", "TRACE"].contains(members.text("inspectionLevel")) {
            answer["inspectionData"] = .map(told(result.inspection))
        }
        return RestReply(answer)
    }

    private static func request(_ members: Item) throws(StatesError) -> StateTestRequest {
        var request = StateTestRequest(definition: members.text("definition"))
        request.stateName = members.optionalText("stateName")
        request.roleARN = members.optionalText("roleArn")
        request.input = try StartExecution.input(members)
        request.variables = members.optionalText("variables")
        request.context = members.optionalText("context")
        request.revealsSecrets = members.isSet("revealSecrets")
        if let given = members["mock"]?.mapValue {
            var mock = StateTestRequest.Mock()
            mock.result = given.optionalText("result")
            mock.validation = given.optionalText("fieldValidationMode")
            mock.failure = given["errorOutput"]?.mapValue.map { failure in
                (failure.optionalText("error"), failure.optionalText("cause"))
            }
            request.mock = mock
        }
        let configuration = members["stateConfiguration"]?.mapValue ?? [:]
        request.retryCount = configuration["retrierRetryCount"]?.numberValue?.intValue
        request.errorCausedBy = configuration.optionalText("errorCausedByState")
        request.failedIterations =
            configuration["mapIterationFailureCount"]?.numberValue?.intValue
        request.readerData = configuration.optionalText("mapItemReaderData")
        return request
    }

    private static func told(_ inspection: StateInspection) -> Item {
        var told = Item()
        told.set("input", inspection.input)
        told.set("afterArguments", inspection.afterArguments)
        told.set("afterInputPath", inspection.afterInputPath)
        told.set("afterParameters", inspection.afterParameters)
        told.set("result", inspection.result)
        told.set("afterResultSelector", inspection.afterResultSelector)
        told.set("afterResultPath", inspection.afterResultPath)
        told.set("afterItemsPath", inspection.afterItemsPath)
        told.set("afterItemsPointer", inspection.afterItemsPointer)
        told.set("afterItemSelector", inspection.afterItemSelector)
        told.set("afterItemBatcher", inspection.afterItemBatcher)
        told.set("variables", inspection.variables)
        func set(_ name: String, _ number: Int?, in item: inout Item) {
            if let number { item[name] = .number(Number(number)) }
        }
        set("toleratedFailureCount", inspection.toleratedFailureCount, in: &told)
        set("maxConcurrency", inspection.maxConcurrency, in: &told)
        if let percentage = inspection.toleratedFailurePercentage {
            told["toleratedFailurePercentage"] = .percentage(percentage)
        }
        var details = Item()
        set("catchIndex", inspection.catchIndex, in: &details)
        set("retryIndex", inspection.retryIndex, in: &details)
        set("retryBackoffIntervalSeconds", inspection.backoffSeconds, in: &details)
        if !details.isEmpty { told["errorDetails"] = .map(details) }
        return told
    }
}
