internal import ShaleJSON

/// A call of one of the 18 functions of the language: `States.Format('{} of {}', $.a, States.UUID())`.
struct IntrinsicCall: Sendable {
    indirect enum Argument: Sendable {
        case value(JSONValue)
        /// A literal text with its escapes.
        case text(raw: String)
        case path(JSONPath)
        case call(IntrinsicCall)
    }

    let function: IntrinsicFunction
    let arguments: [Argument]
    /// The whole call as it was written.
    let text: String

    func evaluate(in evaluation: Evaluation) throws(StateFailure) -> JSONValue {
        do {
            return try value(in: evaluation)
        } catch {
            throw .runtime("The function '\(text)' had the following error: \(error.reason)")
        }
    }

    private func value(in evaluation: Evaluation) throws(IntrinsicError) -> JSONValue {
        var values: [JSONValue] = []
        for (index, argument) in arguments.enumerated() {
            switch argument {
            case .value(let value): values.append(value)
            case .text(let raw):
                let isTemplate = function == .format && index == 0
                values.append(.string(isTemplate ? raw : Self.unescaped(raw)))
            case .call(let call): values.append(try call.value(in: evaluation))
            case .path(let path):
                guard case .value(let value) = evaluation.find(path) else {
                    let searched =
                        path.root == .context ? evaluation.context.value : evaluation.data
                    throw IntrinsicError(
                        reason: "The JsonPath argument for the field '\(path.text)' could not be"
                            + " found in the input '\(searched.json)'"
                    )
                }
                values.append(value)
            }
        }
        guard let result = function.result(values, random: evaluation.random) else {
            throw IntrinsicError(reason: "Invalid arguments in \(function.rawValue)")
        }
        return result
    }

    /// A literal without the backslashes before what is meant literally.
    static func unescaped(_ raw: String) -> String {
        guard raw.utf8.contains(UInt8(ascii: "\\")) else { return raw }
        var bytes: [UInt8] = []
        var isEscaped = false
        for byte in raw.utf8 {
            if byte == UInt8(ascii: "\\"), !isEscaped {
                isEscaped = true
                continue
            }
            if isEscaped, ![0x27, 0x7B, 0x7D, 0x5C].contains(byte) {
                bytes.append(UInt8(ascii: "\\"))
            }
            bytes.append(byte)
            isEscaped = false
        }
        if isEscaped { bytes.append(UInt8(ascii: "\\")) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

/// Why a call has no result.
struct IntrinsicError: Error {
    let reason: String
}

/// Reads a call from its text.
struct IntrinsicParser {
    /// How deep calls may stand in calls; the service allows ten.
    static let depthLimit = 10

    private var scanner: TextScanner

    private init(_ text: String) {
        scanner = TextScanner(text)
    }

    /// Reads a text that is one call and nothing else.
    static func call(of text: String) throws(PathError) -> IntrinsicCall {
        var parser = IntrinsicParser(text)
        parser.scanner.skipSpaces()
        let call = try parser.readCall(depth: 0)
        parser.scanner.skipSpaces()
        guard parser.scanner.isAtEnd else { throw parser.scanner.error("unexpected character") }
        return call
    }

    private mutating func readCall(depth: Int) throws(PathError) -> IntrinsicCall {
        guard depth < Self.depthLimit else { throw scanner.error("calls in calls, too deep") }
        let start = scanner.offset
        let name = scanner.takeWhile {
            JSONPathParser.isVariableByte($0) || $0 == UInt8(ascii: ".")
        }
        guard let function = IntrinsicFunction(rawValue: name) else {
            throw scanner.error("no function: \(name)")
        }
        scanner.skipSpaces()
        guard scanner.take("(") else { throw scanner.error("( is missing") }
        var arguments: [IntrinsicCall.Argument] = []
        scanner.skipSpaces()
        if !scanner.take(")") {
            repeat {
                arguments.append(try readArgument(depth: depth))
                scanner.skipSpaces()
            } while scanner.take(",")
            guard scanner.take(")") else { throw scanner.error(") is missing") }
        }
        guard function.argumentCounts.contains(arguments.count) else {
            throw scanner.error("\(name) takes another number of arguments")
        }
        return IntrinsicCall(
            function: function,
            arguments: arguments,
            text: scanner.text(from: start)
        )
    }

    private mutating func readArgument(depth: Int) throws(PathError) -> IntrinsicCall.Argument {
        scanner.skipSpaces()
        switch scanner.peek() {
        case UInt8(ascii: "$"):
            var parser = JSONPathParser(scanner, depth: 0)
            let path = try parser.readPath()
            scanner = parser.scanner
            return .path(path)
        case UInt8(ascii: "'"): return .text(raw: try scanner.readRawQuoted())
        case UInt8(ascii: "S"): return .call(try readCall(depth: depth + 1))
        default:
            let word = scanner.takeWhile {
                JSONPathParser.isVariableByte($0) || [0x2B, 0x2D, 0x2E].contains($0)
            }
            do {
                return .value(try JSONParser.value(of: word))
            } catch {
                throw scanner.error("no argument")
            }
        }
    }
}
