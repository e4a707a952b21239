internal import ShaleJSON

/// What arguments a function takes: `<s-nn?:s>`.
///
/// Each parameter is a set of types, of which a letter stands for one; behind it `?` says that it may be missing,
/// `+` that there may be more of it, `-` that the context stands in for it.
struct Signature: Sendable {
    var parameters: [Parameter] = []

    struct Parameter: Sendable {
        /// The types that may stand here, a bit each, and `m` for a missing value.
        var types: UInt16
        var isArray = false
        var elementType: Unicode.Scalar?
        var usesContext = false
        var isOptional = false
        var isRepeated = false
    }

    /// The bit of a type in a set of types.
    static func bit(_ letter: Unicode.Scalar) -> UInt16 {
        switch letter {
        case "s": 1
        case "n": 2
        case "b": 4
        case "l": 8
        case "o": 16
        case "a": 32
        case "f": 64
        case "m": 128
        default: 0
        }
    }

    private static func bits(_ letters: some Sequence<Unicode.Scalar>) -> UInt16 {
        letters.reduce(0) { $0 | bit($1) }
    }

    private static let function = bit("f")
    private static let any = bits("asnblfom".unicodeScalars)
    private static let json = bits("asnblom".unicodeScalars)

    /// Reads a signature with its brackets.
    init(_ text: String) throws(JSONataError) {
        let letters = Array(text.unicodeScalars)
        var index = 1
        while index < letters.count, letters[index] != ":" {
            switch letters[index] {
            case "s", "n", "b", "l", "o":

                parameters.append(Parameter(types: Self.bits([letters[index], "m"])))
            case "a":
                parameters.append(Parameter(types: Self.any, isArray: true))
            case "f": parameters.append(Parameter(types: Self.function))
            case "j": parameters.append(Parameter(types: Self.json))
            case "x": parameters.append(Parameter(types: Self.any))
            case "-":
                modifyLast {
                    $0.usesContext = true; $0.isOptional = true
                }
            case "?": modifyLast { $0.isOptional = true }
            case "+": modifyLast { $0.isRepeated = true }
            case "(":
                guard let end = letters[index...].firstIndex(of: ")") else { return }
                let choice = letters[index + 1..<end]
                guard !choice.contains("<") else {
                    let text = String(String.UnicodeScalarView(choice))
                    throw JSONataError("S0402", value: .string(text))
                }
                parameters.append(Parameter(types: Self.bits(choice) | Self.bit("m")))
                index = end
            case "<":
                let end = Self.closing(letters, from: index)
                guard let last = parameters.last, last.isArray || last.types == Self.function else {
                    let type = index > 1 ? String(Character(letters[index - 1])) : ""
                    throw JSONataError("S0401", value: .string(type))
                }
                if last.isArray, index + 1 < end {
                    modifyLast { $0.elementType = letters[index + 1] }
                }
                index = end
            default: break
            }
            index += 1
        }
    }

    /// A signature that this project writes.
    init(own text: String) {
        guard let signature = try? Signature(text) else {
            preconditionFailure("a signature of our own is one: \(text)")
        }
        self = signature
    }

    private mutating func modifyLast(_ change: (inout Parameter) -> Void) {
        guard !parameters.isEmpty else { return }
        change(&parameters[parameters.count - 1])
    }

    private static func closing(_ letters: [Unicode.Scalar], from start: Int) -> Int {
        var depth = 0
        for index in start..<letters.count {
            if letters[index] == "<" { depth += 1 }
            if letters[index] == ">" { depth -= 1 }
            if depth == 0 { return index }
        }
        return letters.count
    }

    // MARK: Matching

    /// How many arguments each parameter takes, the first as many as it can; nil where they do not fit.
    ///
    /// `isWhole`: whether every argument must be taken.
    private static func match(
        _ parameters: ArraySlice<Parameter>,
        _ types: [UInt16],
        isWhole: Bool
    ) -> [Int]? {
        // fits[i][j]: the parameters from i on take the arguments from j on.
        var fits = [types.indices.map { _ in !isWhole } + [true]]
        for parameter in parameters.reversed() {
            let row = (0...types.count).map { start in
                choices(parameter, types[start...]).contains { fits[0][start + $0] }
            }
            fits.insert(row, at: 0)
        }
        guard fits[0][0] else { return nil }
        var counts: [Int] = []
        var start = 0
        for (row, parameter) in parameters.enumerated() {
            let count = choices(parameter, types[start...]).first { fits[row + 1][start + $0] }
            counts.append(count ?? 0)
            start += count ?? 0
        }
        return counts
    }

    /// How many of the next arguments a parameter can take, most first.
    private static func choices(
        _ parameter: Parameter,
        _ types: ArraySlice<UInt16>
    ) -> [Int] {
        let fitting = types.prefix { parameter.types & $0 != 0 }.count
        let most = parameter.isRepeated ? fitting : min(1, fitting)
        let least = parameter.isOptional ? 0 : 1
        return least <= most ? Array((least...most).reversed()) : []
    }

    /// The arguments as the function sees them: the context put in, single values made arrays.
    func validated(_ arguments: [Value], context: Value) throws(JSONataError) -> [Value] {
        if isPlainMatch(arguments) { return arguments }
        let types = arguments.map(\.typeBit)
        guard let counts = Self.match(parameters[...], types, isWhole: true) else {
            throw mismatch(arguments, types)
        }
        var result: [Value] = []
        var next = 0
        for (parameter, count) in zip(parameters, counts) {
            if count == 0, parameter.usesContext {
                guard parameter.types & context.typeBit != 0 else {
                    throw JSONataError("T0411", value: context.errorValue, index: next + 1)
                }
                result.append(context)
            } else if count == 0 {
                result.append(next < arguments.count ? arguments[next] : .undefined)
                next += 1
            }
            for _ in 0..<count {
                let argument = next < arguments.count ? arguments[next] : .undefined
                result.append(try parameter.fitted(argument, index: next + 1))
                next += 1
            }
        }
        return result
    }

    /// Whether there is one argument for each parameter, as it wants it: most calls are so.
    private func isPlainMatch(_ arguments: [Value]) -> Bool {
        guard arguments.count == parameters.count else { return false }
        for (parameter, argument) in zip(parameters, arguments) {
            guard parameter.types & argument.typeBit != 0 else { return false }
            guard parameter.isArray else { continue }
            guard parameter.elementType == nil, case .array = argument else { return false }
        }
        return true
    }

    private func mismatch(_ arguments: [Value], _ types: [UInt16]) -> JSONataError {
        var good = 0
        for count in 1...max(1, parameters.count) {
            let fitting = Self.match(parameters.prefix(count), types, isWhole: false)
            guard let fitting else { break }
            good = fitting.reduce(0, +)
        }
        return JSONataError(
            "T0410",
            value: good < arguments.count ? arguments[good].errorValue : nil,
            index: good + 1
        )
    }
}

extension Signature.Parameter {
    /// An argument as this parameter wants it: a single value becomes an array of one.
    fileprivate func fitted(_ argument: Value, index: Int) throws(JSONataError) -> Value {
        guard isArray else { return argument }
        let letter = argument.typeLetter
        guard letter != "m" else { return .undefined }
        if let elementType {
            var fits = letter == elementType
            if case .array(let array) = argument {
                fits = true
                if array.count > 0, array[0].typeLetter != elementType { fits = false }
                for position in 0..<array.count where fits {
                    fits = array[position].typeLetter == elementType
                }
            }
            guard fits else {
                throw JSONataError(
                    "T0412",
                    value: argument.errorValue,
                    otherValue: .string(Self.plural(elementType)),
                    index: index
                )
            }
        }
        return letter == "a" ? argument : .array(ArrayValue([argument]))
    }

    private static func plural(_ type: Unicode.Scalar) -> String {
        switch type {
        case "a": "arrays"
        case "b": "booleans"
        case "f": "functions"
        case "n": "numbers"
        case "o": "objects"
        default: "strings"
        }
    }
}
