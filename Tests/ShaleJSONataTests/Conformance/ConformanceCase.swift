import Foundation
import OrderedCollections
import ShaleJSON
import ShaleJSONata

/// One of the recorded cases of the language, where they are on this machine.
struct ConformanceCase: Sendable {
    let name: String
    let expression: String
    let input: JSONValue?
    let bindings: [String: JSONValue]
    let depth: Int?
    /// How long the reference may take; a step of ours takes a few microseconds in a debug build.
    let milliseconds: Int
    let isUnordered: Bool
    let expected: Expected

    enum Expected: Sendable {
        case value(JSONValue)
        case undefined
        case error(code: String, token: String?, message: String?)
    }

    /// Where the recorded cases are: `SHALE_CONFORMANCE`, or `shared/conformance` beside the checkout.
    static var folder: String {
        if let folder = ProcessInfo.processInfo.environment["SHALE_CONFORMANCE"] { return folder }
        let checkout = URL(fileURLWithPath: #filePath).resolvingSymlinksInPath()
            .deletingLastPathComponent().deletingLastPathComponent()
            .deletingLastPathComponent().deletingLastPathComponent()
        return checkout.deletingLastPathComponent().path + "/shared/conformance"
    }

    /// The text of one of the files; nil where it is not on this machine.
    static func text(of file: String) -> String? {
        try? String(contentsOfFile: folder + "/" + file, encoding: .utf8)
    }

    /// All cases; none where they are not on this machine.
    static let all: [ConformanceCase] = {
        guard var text = text(of: "jsonata.json") else { return [] }
        // Half a pair of surrogates is no text here; the two cases that have one are named below.
        text = text.replacingOccurrences(of: "\"'\\ud800'\"", with: "\"'\\ufffd'\"")
        for half in ["('\\ud800')", "\"\\ud800\""] {
            text = text.replacingOccurrences(
                of: half,
                with: half.replacingOccurrences(of: "ud800", with: "ufffd")
            )
        }
        guard let file = try? JSONParser.value(of: text), let cases = file["cases"]?.elements else {
            preconditionFailure("the recorded cases cannot be read")
        }
        return cases.map { ConformanceCase($0, datasets: file["datasets"]) }
    }()

    private init(_ json: JSONValue, datasets: JSONValue?) {
        name = "\(json["group"]?.text ?? "")/\(json["case"]?.text ?? "")"
        expression = json["expr"]?.text ?? ""
        if let dataset = json["dataset"]?.text {
            input = datasets?[dataset]
        } else {
            input = json["data"]
        }
        bindings = Dictionary(
            uniqueKeysWithValues: (json["bindings"]?.members ?? [:]).map { ($0.key, $0.value) }
        )
        depth = json["depth"]?.number.map { Int($0) }
        milliseconds = json["timelimit"]?.number.map { Int($0) } ?? 10_000
        isUnordered = json["unordered"] == .bool(true)
        if let code = json["code"]?.text {
            expected = .error(code: code, token: json["token"]?.text, message: nil)
        } else if let error = json["error"] {
            expected = .error(
                code: error["code"]?.text ?? "",
                token: nil,
                message: error["message"]?.text
            )
        } else {
            expected = json["result"].map(Expected.value) ?? .undefined
        }
    }

    /// What is wrong with what our implementation says; nil where it is right.
    var fault: String? {
        let limits = EvaluationContext.Limits(
            steps: milliseconds * 300,
            depth: depth ?? 500,
            size: 1 << 30
        )
        let context = EvaluationContext(now: 1_764_421_200_000, seed: 7, limits: limits)
        do throws(JSONataError) {
            let parsed = try JSONataExpression.parse(expression)
            let result = try parsed.evaluate(input, bindings: bindings, context: context)
            return fault(of: result)
        } catch {
            guard case .error(let code, let token, let message) = expected else {
                return "fails with \(error.code) at \(error.position ?? -1): \(error.message)"
            }
            if code != error.code { return "fails with \(error.code), not \(code)" }
            if let token, token != error.token { return "names \(error.token ?? "nothing")" }
            if let message, message != error.message { return "says \(error.message)" }
            return nil
        }
    }

    private func fault(of result: JSONValue?) -> String? {
        switch expected {
        case .error(let code, _, _): return "is \(result?.json ?? "undefined"), not \(code)"
        case .undefined: return result.map { "is \($0.json), not undefined" }
        case .value(let value):
            guard let result else { return "is undefined, not \(value.json)" }
            if isUnordered, let left = result.elements, let right = value.elements {
                let isSame =
                    left.count == right.count && left.allSatisfy(right.contains)
                return isSame ? nil : "is \(result.json), not \(value.json)"
            }
            return result == value ? nil : "is \(result.json), not \(value.json)"
        }
    }
}
