internal import OrderedCollections
internal import ShaleJSON

/// Functions of objects.
extension Builtin {
    static let objects: [Builtin] = [
        Builtin("keys", "<x-:a<s>>", arity: 1) { evaluator, arguments throws(JSONataError) in
            var names: OrderedSet<String> = []
            try collectKeys(of: arguments[0], into: &names, evaluator)
            return try evaluator.array(names.map(Value.string), .sequence)
        },
        Builtin("lookup", "<x-s:x>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let name = arguments.string(1) else { return .undefined }
            return try evaluator.lookup(name, in: arguments[0])
        },
        Builtin("spread", "<x-:a<o>>", arity: 1) { evaluator, arguments throws(JSONataError) in
            switch arguments[0] {
            case .array, .object:
                var results: [Value] = []
                try spread(arguments[0], into: &results, evaluator)
                return try evaluator.array(results, .sequence)
            default: return arguments[0]
            }
        },
        Builtin("merge", "<a<o>:o>", arity: 1) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.array(0) else { return .undefined }
            var members: OrderedDictionary<String, Value> = [:]
            for index in 0..<array.count {
                guard case .object(let object) = array[index] else { continue }
                for place in 0..<object.count {
                    try evaluator.spend()
                    let (name, value) = object.member(at: place)
                    members[name] = value
                }
            }
            try evaluator.charge(members.count * 64)
            return .object(ObjectValue(members))
        },
        Builtin("each", "<o-f:a>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let object = arguments.object(0), let function = arguments.function(1) else {
                return .undefined
            }
            var results: [Value] = []
            for index in 0..<object.count {
                let (name, value) = object.member(at: index)
                let given = [value, .string(name), arguments[0]]
                let result = try evaluator.callBack(function, given, arguments)
                if !result.isUndefined { results.append(result) }
            }
            return try evaluator.array(results, .sequence)
        },
        Builtin("sift", "<o-f?:o>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let object = arguments.object(0), let function = arguments.function(1) else {
                return .undefined
            }
            var members: OrderedDictionary<String, Value> = [:]
            for index in 0..<object.count {
                let (name, value) = object.member(at: index)
                let given = [value, .string(name), arguments[0]]
                if try evaluator.isTrue(evaluator.callBack(function, given, arguments)) {
                    members[name] = value
                }
            }
            try evaluator.charge(members.count * 64)
            return members.isEmpty ? .undefined : .object(ObjectValue(members))
        },
    ]

    private static func collectKeys(
        of value: Value,
        into names: inout OrderedSet<String>,
        _ evaluator: Evaluator
    ) throws(JSONataError) {
        try evaluator.spend()
        switch value {
        case .object(let object):
            try evaluator.spend(object.count)
            names.append(contentsOf: object.keys)
        case .array(let array):
            for index in 0..<array.count {
                let element = array[index]
                try evaluator.deeper { () throws(JSONataError) in
                    try collectKeys(of: element, into: &names, evaluator)
                }
            }
        default: break
        }
    }

    private static func spread(
        _ value: Value,
        into results: inout [Value],
        _ evaluator: Evaluator
    ) throws(JSONataError) {
        switch value {
        case .object(let object):
            for index in 0..<object.count {
                try evaluator.spend()
                try evaluator.charge(128)
                let (name, member) = object.member(at: index)
                results.append(.object(ObjectValue([name: member])))
            }
        case .array(let array):
            for index in 0..<array.count {
                let element = array[index]
                try evaluator.deeper { () throws(JSONataError) in
                    try spread(element, into: &results, evaluator)
                }
            }
        default: results.append(value)
        }
    }
}
