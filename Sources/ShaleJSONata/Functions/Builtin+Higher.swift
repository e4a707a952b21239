/// Functions that call a function for every item of an array.
extension Builtin {
    static let higher: [Builtin] = [
        Builtin("map", "<af>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.array(0), let function = arguments.function(1) else {
                return .undefined
            }
            var results: [Value] = []
            for index in 0..<array.count {
                let given = [array[index], .number(Double(index)), arguments[0]]
                let result = try evaluator.callBack(function, given, arguments)
                if !result.isUndefined { results.append(result) }
            }
            return try evaluator.array(results, .sequence)
        },
        Builtin("filter", "<af>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.array(0), let function = arguments.function(1) else {
                return .undefined
            }
            var results: [Value] = []
            for index in 0..<array.count {
                let given = [array[index], .number(Double(index)), arguments[0]]
                if try evaluator.isTrue(evaluator.callBack(function, given, arguments)) {
                    results.append(array[index])
                }
            }
            return try evaluator.array(results, .sequence)
        },
        Builtin("single", "<af?>", arity: 2) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.array(0) else { return .undefined }
            var found: Value?
            for index in 0..<array.count {
                if let function = arguments.function(1) {
                    let given = [array[index], .number(Double(index)), arguments[0]]
                    let verdict = try evaluator.callBack(function, given, arguments)
                    guard try evaluator.isTrue(verdict) else { continue }
                }
                guard found == nil else { throw JSONataError("D3138", index: index) }
                found = array[index]
            }
            guard let found else { throw JSONataError("D3139") }
            return found
        },
        Builtin("reduce", "<afj?:j>", arity: 3) { evaluator, arguments throws(JSONataError) in
            guard let array = arguments.array(0), let function = arguments.function(1) else {
                return .undefined
            }
            guard function.arity >= 2 else { throw JSONataError("D3050", index: 1) }
            var result = arguments[2]
            var start = 0
            if result.isUndefined, array.count > 0 {
                result = array[0]
                start = 1
            }
            for index in start..<max(start, array.count) {
                let given = [result, array[index], .number(Double(index)), arguments[0]]
                result = try evaluator.callBack(function, given, arguments)
            }
            return result
        },
    ]
}
