internal import ShaleJSON

/// One state of a program.
///
/// An object, since every step of every execution looks at it and none changes it.
final class StateDefinition: Sendable {
    enum Kind: Sendable {
        case pass(result: JSONValue?)
        case task(TaskDefinition)
        case choice(ChoiceDefinition)
        case wait(WaitDefinition)
        case succeed
        case fail(error: Template?, cause: Template?)
        /// The scopes of the branches.
        case parallel([Int])
        case map(MapDefinition)
    }

    /// What comes after a state.
    enum Next: Sendable, Equatable {
        case state(Int)
        case end
    }

    /// Where a part of the data is taken from; null in a definition is an empty object.
    enum Selection: Sendable {
        case path(JSONPath)
        case call(Template)
        case nothing
    }

    let name: String
    let language: QueryLanguage
    let kind: Kind
    let next: Next?

    /// The fields of JSONPath.
    let inputPath: Selection
    let outputPath: Selection
    let parameters: Template?
    let resultSelector: Template?
    /// Where the result goes in the input; nil drops it.
    let resultPath: JSONPath?

    /// The fields of JSONata.
    let arguments: Template?
    let output: Template?

    let assign: [(name: String, value: Template)]
    let retriers: [Retrier]
    let catchers: [Catcher]

    /// The type of the history's event that the state was entered; and left.
    let enteredType: String
    let exitedType: String
    /// Whether the state works on its input as it is.
    let takesWholeInput: Bool
    /// Whether its result is its output, and no variable is assigned.
    let givesWholeResult: Bool

    init(_ fields: StateFields) {
        name = fields.name
        language = fields.language
        kind = fields.kind
        next = fields.next
        inputPath = fields.inputPath
        outputPath = fields.outputPath
        parameters = fields.parameters
        resultSelector = fields.resultSelector
        resultPath = fields.resultPath
        arguments = fields.arguments
        output = fields.output
        assign = fields.assign
        retriers = fields.retriers
        catchers = fields.catchers
        takesWholeInput = fields.inputPath.isWhole && fields.parameters == nil
        givesWholeResult =
            fields.assign.isEmpty && fields.output == nil && fields.resultSelector == nil
            && fields.resultPath == .whole && fields.outputPath.isWhole
        enteredType = fields.kind.typeName + "StateEntered"
        exitedType = fields.kind.typeName + "StateExited"
    }

    var typeName: String { kind.typeName }
}

extension StateDefinition.Kind {
    /// The kind as types of history events begin: `PassStateEntered`.
    fileprivate var typeName: String {
        switch self {
        case .pass: "Pass"
        case .task: "Task"
        case .choice: "Choice"
        case .wait: "Wait"
        case .succeed: "Succeed"
        case .fail: "Fail"
        case .parallel: "Parallel"
        case .map: "Map"
        }
    }
}

extension StateDefinition.Selection {
    /// Whether it selects the data as it is.
    var isWhole: Bool {
        if case .path(let path) = self { path == .whole } else { false }
    }
}

/// The fields of a state while it is read.
struct StateFields {
    let name: String
    let language: QueryLanguage
    var kind: StateDefinition.Kind
    var next: StateDefinition.Next?

    /// The fields of JSONPath.
    var inputPath = StateDefinition.Selection.path(.whole)
    var outputPath = StateDefinition.Selection.path(.whole)
    var parameters: Template?
    var resultSelector: Template?
    /// Where the result goes in the input; nil drops it.
    var resultPath: JSONPath? = .whole

    /// The fields of JSONata.
    var arguments: Template?
    var output: Template?

    var assign: [(name: String, value: Template)] = []
    var retriers: [Retrier] = []
    var catchers: [Catcher] = []
}
