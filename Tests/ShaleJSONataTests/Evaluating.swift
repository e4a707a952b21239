import ShaleJSON
import ShaleJSONata

/// The value of an expression as JSON, "undefined", or the code of its error.
func evaluated(
    _ text: String,
    _ input: String? = nil,
    bindings: [String: JSONValue] = [:],
    library: JSONataLibrary = .standard,
    limits: EvaluationContext.Limits = EvaluationContext.Limits()
) throws -> String {
    let json = try input.map { text throws(JSONError) in try JSONParser.value(of: text) }
    let context = EvaluationContext(now: 1_764_421_200_123, seed: 7, limits: limits)
    do throws(JSONataError) {
        let expression = try JSONataExpression.parse(text)
        let value = try expression.evaluate(
            json,
            bindings: bindings,
            library: library,
            context: context
        )
        return value?.json ?? "undefined"
    } catch {
        return error.code
    }
}
