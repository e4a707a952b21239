internal import ShaleJSON

/// What a Task calls, in few words: `λ charge`, `dynamodb putItem`, `activity approve`.
enum ResourceWords {
    static func words(_ resource: String, _ fields: JSONValue) -> String {
        let parts = resource.split(separator: ":", omittingEmptySubsequences: false).map(
            String.init
        )
        guard parts.count > 5, parts[0] == "arn" else { return resource }
        guard parts[2] == "states", parts[3].isEmpty else {
            // The resource itself: a function, an activity.
            let name = parts.dropFirst(6).joined(separator: ":")
            return parts[5] == "function" ? "λ \(name)" : "\(parts[5]) \(name)"
        }
        let called = parts.dropFirst(5).joined(separator: " ")
        let words = called.replacing(".waitForTaskToken", with: "").replacing("aws-sdk ", with: "")
        let arguments = fields["Parameters"] ?? fields["Arguments"]
        if words == "lambda invoke", let function = arguments?["FunctionName"]?.text {
            return "λ \(name(ofFunction: function))"
        }
        if let table = arguments?["TableName"]?.text, !table.isEmpty { return "\(words) \(table)" }
        return words
    }

    /// The name in a function's resource name, with what stands behind it.
    private static func name(ofFunction text: String) -> String {
        guard let mark = text.firstRange(of: ":function:") else { return text }
        return String(text[mark.upperBound...])
    }
}
