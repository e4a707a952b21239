/// The variables of a block, of a function's call or of the whole expression, and the frame around them.
final class Frame {
    let parent: Frame?
    private(set) var depth: Int
    private var variables: [(name: String, value: Value)]
    /// What the outermost frame has from the caller, and the functions that were looked up in it.
    private var globals: [String: Value]
    private let library: JSONataLibrary?

    init(parent: Frame) {
        self.parent = parent
        depth = parent.depth + 1
        variables = []
        globals = [:]
        library = nil
    }

    init(globals: [String: Value], library: JSONataLibrary) {
        parent = nil
        depth = 1
        variables = []
        self.globals = globals
        self.library = library
    }

    func bind(_ name: String, _ value: Value) {
        depth = max(depth, value.depth + 1)
        if let index = variables.firstIndex(where: { $0.name == name }) {
            variables[index].value = value
        } else {
            variables.append((name, value))
        }
    }

    func lookup(_ name: String) -> Value {
        var frame = self
        while true {
            for variable in frame.variables where variable.name == name { return variable.value }
            guard let parent = frame.parent else { return frame.global(name) }
            frame = parent
        }
    }

    private func global(_ name: String) -> Value {
        if let value = globals[name] { return value }
        guard let function = library?.function(name) else { return .undefined }
        globals[name] = .function(function)
        return .function(function)
    }

    /// Lets go of the variables: a function that stands in one of them may hold this frame.
    func clear() {
        variables = []
        globals = [:]
    }
}

/// A frame that may hold itself through a function, for the evaluator to clear when it ends.
struct WeakFrame {
    weak var frame: Frame?
}
