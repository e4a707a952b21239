internal import OrderedCollections
internal import ShaleJSON

/// Values as text, as `$string` and `&` have them.
extension Evaluator {
    /// A value as text; nil where it is undefined.
    func text(of value: Value, isPretty: Bool = false) throws(JSONataError) -> String? {
        switch value {
        case .undefined: return nil
        case .string(let text): return text
        case .function: return ""
        case .number(let number):
            guard number.isFinite else { throw JSONataError("D3001", value: nil) }
            return Self.text(number)
        default:
            var writer = JSONText(isPretty: isPretty)
            try write(value.withoutWrapper, to: &writer)
            return writer.text
        }
    }

    private static func text(_ number: Double) -> String {
        number == number.rounded(.towardZero)
            ? NumberText.shortest(number) : NumberText.ofFifteenDigits(number)
    }

    private struct JSONText {
        let isPretty: Bool
        var text = ""
        var indentation = 0

        mutating func breakLine() {
            guard isPretty else { return }
            text += "\n" + String(repeating: "  ", count: indentation)
        }
    }

    private func write(_ value: Value, to writer: inout JSONText) throws(JSONataError) {
        try spend()
        switch value {
        case .undefined, .null: writer.text += "null"
        case .bool(let value): writer.text += value ? "true" : "false"
        case .number(let number):
            guard number.isFinite else {
                throw JSONataError("D1001", value: .string(NumberText.shortest(number)))
            }
            writer.text += Self.text(number)
        case .string(let text): writer.text += JSONValue.string(text).json
        case .function: writer.text += "\"\""
        case .tuple(let tuple): try write(tuple.value, to: &writer)
        case .array(let array):
            writer.text += "["
            writer.indentation += 1
            for index in 0..<array.count {
                if index > 0 { writer.text += "," }
                writer.breakLine()
                let element = array[index]
                try deeper { () throws(JSONataError) in try write(element, to: &writer) }
            }
            writer.indentation -= 1
            if array.count > 0 { writer.breakLine() }
            writer.text += "]"
        case .object(let object):
            writer.text += "{"
            writer.indentation += 1
            for index in 0..<object.count {
                if index > 0 { writer.text += "," }
                writer.breakLine()
                let (name, member) = object.member(at: index)
                writer.text += JSONValue.string(name).json + (writer.isPretty ? ": " : ":")
                try deeper { () throws(JSONataError) in try write(member, to: &writer) }
            }
            writer.indentation -= 1
            if object.count > 0 { writer.breakLine() }
            writer.text += "}"
        }
    }
}
