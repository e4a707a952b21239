internal import OrderedCollections
internal import ShaleJSON
internal import ShaleStates

/// What a test of a state may say; refusals in the service's words where they are known.
enum StateTestRules {
    /// A request that was read: the state, and what is taken for given.
    struct Checked {
        var state: TestedState
        var setup: StateTest.Setup
    }

    /// Reads a request, whose state may name these operations of tables.
    ///
    /// - Throws: `.invalidDefinition`, `.validation`, which names what is wrong.
    static func check(
        _ request: StateTestRequest,
        actions: Set<String>
    ) throws(StatesError) -> Checked {
        let state = try state(of: request)
        try checkMock(request.mock, of: state, revealsSecrets: request.revealsSecrets)
        try requireHere(state, request, actions)
        if request.mock == nil, state.type == "Task", request.roleARN == nil {
            throw refused("RoleArn must be specified when testing a Task state")
        }
        var setup = StateTest.Setup()
        setup.mock = try mock(request.mock, of: state)
        if let variables = request.variables {
            setup.variables = try object(variables, "Variables must be a JSON object.")
        }
        try checkConfiguration(request, of: state)
        setup.retryCount = request.retryCount ?? 0
        setup.failedIterations = request.failedIterations ?? 0
        if let data = request.readerData { setup.items = try items(data, of: state) }
        if let context = request.context {
            guard request.mock != nil else {
                throw refused("TestState supports a Context object only when a mock is specified.")
            }
            setup.context = try TestedContext.check(context, of: state)
        }
        return Checked(state: state, setup: setup)
    }

    static func refused(_ message: String) -> StatesError { StatesError(.validation, message) }

    // MARK: The state

    private static func state(of request: StateTestRequest) throws(StatesError) -> TestedState {
        let judged = JudgedDefinition(request.definition, .standard)
        guard let fields = judged.machine?.members else {
            throw DefinitionDiagnostic.refusal(judged.diagnostics)
        }
        var place = TestedState.Place(fields)
        if let name = request.stateName {
            try refuse(judged.diagnostics)
            guard let found = TestedState.find(name, in: fields) else {
                throw refused("State not found in definition")
            }
            place = found
        }
        let state: TestedState
        do throws(DefinitionError) {
            // Without what the reader would read, the input is it.
            state = try TestedState(place, dropsReader: request.readerData == nil)
        } catch {
            throw DefinitionDiagnostic.refusal([
                DefinitionDiagnostic(error.reason, at: alone(error.location))
            ])
        }
        if request.stateName == nil {
            // A state that leads to one of the name that it has here has no end, and needs none.
            let all = JudgedDefinition(state.machine, .standard).diagnostics
            try refuse(all.filter { $0.code != "MISSING_END_STATE" })
        }
        return state
    }

    private static func refuse(_ diagnostics: [DefinitionDiagnostic]) throws(StatesError) {
        let errors = diagnostics.filter(\.isError)
        guard errors.isEmpty else {
            throw DefinitionDiagnostic.refusal(errors.map { $0.at($0.location.map(alone)) })
        }
    }

    /// A place in a definition, as seen from the state that is tested alone.
    private static func alone(_ location: String) -> String {
        let machine = "/States/\(TestedState.name)"
        guard location.hasPrefix(machine) else { return location }
        let rest = String(location.dropFirst(machine.count))
        return rest.isEmpty ? "/" : rest
    }

    /// Refuses what is called in earnest and is not here.
    private static func requireHere(
        _ state: TestedState,
        _ request: StateTestRequest,
        _ actions: Set<String>
    ) throws(StatesError) {
        guard request.mock == nil, let resource = state.resource else { return }
        if resource.kind == .activity || resource.pattern != .response {
            throw refused(
                "TestState supports the resource '\(resource.arn.prefix(256))' only when a mock is "
                    + "specified."
            )
        }
        for named in NamedResource.all(of: state.machine) where !named.isHere(actions) {
            throw DefinitionDiagnostic.refusal([
                DefinitionDiagnostic(named.absence, at: alone(named.location))
            ])
        }
    }

    // MARK: The mock

    private static func checkMock(
        _ mock: StateTestRequest.Mock?,
        of state: TestedState,
        revealsSecrets: Bool
    ) throws(StatesError) {
        let isContainer = ["Map", "Parallel"].contains(state.type)
        guard let mock else {
            guard isContainer else { return }
            throw StatesError(
                .invalidDefinition,
                "TestState API does not support Map or Parallel states. Supported state types "
                    + "include: [Task, Wait, Pass, Succeed, Fail, Choice]"
            )
        }
        guard isContainer || state.type == "Task" else {
            throw refused(
                "State type '\(state.type)' is not supported when a mock is specified"
            )
        }
        if revealsSecrets {
            throw refused("TestState does not support RevealSecrets when a mock is specified.")
        }
        guard (mock.result == nil) != (mock.failure == nil) else {
            throw refused(
                "A test mock should have only one of the following fields: [result, errorOutput]."
            )
        }
    }

    private static func mock(
        _ mock: StateTestRequest.Mock?,
        of state: TestedState
    ) throws(StatesError) -> StateTest.Mock? {
        if let (error, cause) = mock?.failure {
            guard let error else {
                throw refused("The field 'error' is required when errorOutput is specified.")
            }
            return .failure(error: error, cause: cause)
        }
        guard let text = mock?.result else { return nil }
        let result = try value(text, "Mocked result must be valid JSON")
        switch state.type {
        case "Map" where state.fields["ResultWriter"] != nil:
            guard result.members != nil else {
                throw refused("Mocked result must be a JSON object.")
            }
        case "Map": try requireArray(result)
        case "Parallel":
            try requireArray(result)
            guard result.elements?.count == state.fields["Branches"]?.elements?.count else {
                throw refused(
                    "Mocked result must contain the same number of items as number of Parallel "
                        + "branches."
                )
            }
        default: try MockedAnswer.check(result, of: state, mode: mock?.validation)
        }
        return .result(result)
    }

    private static func requireArray(_ result: JSONValue) throws(StatesError) {
        guard result.elements != nil else { throw refused("Mocked result must be an array.") }
    }

    // MARK: The configuration

    private static func checkConfiguration(
        _ request: StateTestRequest,
        of state: TestedState
    ) throws(StatesError) {
        let isContainer = ["Map", "Parallel"].contains(state.type)
        let fails = request.mock?.failure != nil
        if request.retryCount != nil, !fails {
            throw refused("retrierRetryCount can only be specified with a mocked errorOutput.")
        }
        if let name = request.errorCausedBy {
            guard isContainer, fails else {
                throw refused(
                    "errorCausedByState can only be specified with a mocked errorOutput of a Map "
                        + "or Parallel state."
                )
            }
            guard state.holds(name) else {
                throw refused("The state '\(name)' of errorCausedByState is not in the definition.")
            }
        } else if isContainer, fails {
            throw refused(
                "errorCausedByState must be specified when an errorOutput is mocked for a Map or "
                    + "Parallel state."
            )
        }
        if request.failedIterations != nil, state.type != "Map" {
            throw refused("mapIterationFailureCount can only be specified for a Map state.")
        }
    }

    /// What the reader of a distributed Map finds in what it reads.
    private static func items(
        _ data: String,
        of state: TestedState
    ) throws(StatesError) -> [JSONValue] {
        guard let reader = state.fields["ItemReader"] else {
            throw refused(
                "mapItemReaderData can only be specified for a Map state with ItemReader."
            )
        }
        let configuration = reader["ReaderConfig"] ?? .object([:])
        do throws(ItemFormat.Failure) {
            let items = try ItemFormat.items(Array(data.utf8), configuration)
            guard case .integer(let most) = configuration["MaxItems"], most > 0 else {
                return items
            }
            return Array(items.prefix(Int(most)))
        } catch {
            throw refused("mapItemReaderData cannot be read: \(error.reason)")
        }
    }

    // MARK: JSON

    private static func value(_ text: String, _ words: String) throws(StatesError) -> JSONValue {
        do throws(JSONError) { return try JSONParser.value(of: text) } catch {
            throw refused(words)
        }
    }

    static func object(_ text: String, _ words: String) throws(StatesError) -> JSONObject {
        guard let members = try value(text, words).members else { throw refused(words) }
        return members
    }
}
