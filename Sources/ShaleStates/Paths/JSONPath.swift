package import ShaleJSON

/// A path into a state's data, as the service's JSONPath has it, parsed once.
///
/// `$` is the data itself, `$$` the context object, `$name` a variable. A path is definite when it can name
/// one place only; every other path gives an array of what it finds, empty where it finds nothing.
package struct JSONPath: Sendable, Equatable {
    /// What the path starts from.
    package enum Root: Sendable, Equatable {
        case data
        case context
        case variable(String)
    }

    /// One step from a value to values in it.
    indirect enum Step: Sendable, Equatable {
        case names([String])
        case indexes([Int])
        /// From one index to before another; negative ones count from the end.
        case slice(Int?, Int?)
        case everything
        /// The value and all that it holds at any depth, to each of which the next step applies.
        case descent
        case filter(PathFilter)
    }

    /// What a path may end with: a calculation over what it found.
    enum Function: String, Sendable, Equatable, CaseIterable {
        case length, size, min, max, avg, sum, stddev, keys, first, last, concat
    }

    /// The path as it was written.
    package let text: String
    package let root: Root
    let steps: [Step]
    let function: Function?
    /// Whether it names one place at most.
    package let isDefinite: Bool

    init(text: String, root: Root, steps: [Step], function: Function?) {
        self.text = text
        self.root = root
        self.steps = steps
        self.function = function
        isDefinite = steps.enumerated().allSatisfy { offset, step in
            switch step {
            case .names(let names): names.count == 1 || offset == steps.count - 1
            case .indexes(let indexes): indexes.count == 1
            case .slice, .everything, .descent, .filter: false
            }
        }
    }

    /// Whether the path is a reference path: single names and indexes only, so that it can be written to.
    package var isReference: Bool {
        root == .data && function == nil
            && steps.allSatisfy { step in
                switch step {
                case .names(let names): names.count == 1
                case .indexes(let indexes): indexes.count == 1 && indexes[0] >= 0
                default: false
                }
            }
    }

    /// The data as it is: `$`.
    package static let whole = JSONPath(text: "$", root: .data, steps: [], function: nil)
}

/// What a path found.
package enum PathResult: Sendable, Equatable {
    case value(JSONValue)
    /// A definite path that ends behind the last element of an array: null in most places.
    case beyond
    case nothing

    /// The value; null for an index behind the end, nil for nothing.
    var value: JSONValue? {
        switch self {
        case .value(let value): value
        case .beyond: .null
        case .nothing: nil
        }
    }
}

/// Why a text is no path.
package struct PathError: Error, Equatable, Sendable {
    /// The number of bytes before the fault.
    package let offset: Int
    package let reason: String
}
