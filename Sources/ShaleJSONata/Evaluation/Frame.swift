/// The variables of a block, of a function's call or of the whole expression, and the frame around them.
final class Frame {
    let parent: Frame?
    private(set) var depth: Int
    private var variables: [(name: String, value: Value)]
    /// What the outermost frame knows besides: the functions of the language and of the caller.
    private var globals: [String: Value]

    init(parent: Frame) {
        self.parent = parent
        depth = parent.depth + 1
        variables = []
        globals = [:]
    }

    init(globals: [String: Value]) {
        parent = nil
        depth = 1
        variables = []
        self.globals = globals
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
            guard let parent = frame.parent else { return frame.globals[name] ?? .undefined }
            frame = parent
        }
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
