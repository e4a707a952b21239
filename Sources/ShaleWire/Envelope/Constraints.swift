/// Gathers what a request's members break of their shapes, to name all of it in one error.
///
/// They are named in the order of the members' names, whatever the order of the request is, and those that are missing
/// behind all others: so recorded answers of the service for several members have it. Some operations have a member out
/// of that order.
///
///     2 validation errors detected: Value null at 'key' failed to satisfy constraint: Member must
///     not be null; Value '0' at 'limit' failed to satisfy constraint: …
package struct Constraints: Sendable {
    /// As many as one error names.
    package static let maxProblems = 10
    private static let maxShownBytes = 1_024
    private var problems: [Problem] = []
    /// Tables that were named by resource names, whose account and region are to be checked.
    package var resourceNames: [String] = []

    private struct Problem: Sendable {
        let isMissing: Bool
        /// What it is ordered by: the member of the request in which it is, in lower case.
        let member: String
        let text: String

        func precedes(_ other: Problem) -> Bool {
            isMissing == other.isMissing ? member < other.member : other.isMissing
        }
    }

    private let placedBehind: [String: String]

    /// Nothing noted yet.
    ///
    /// - Parameter placedBehind: Members, in lower case, that come directly behind another one.
    package init(placedBehind: [String: String] = [:]) { self.placedBehind = placedBehind }

    /// Notes a broken constraint.
    package mutating func note(_ value: String?, at path: String, _ constraint: String) {
        let shown = value.map { "'\(Self.shortened($0))'" } ?? "null"
        note(
            path,
            isMissing: value == nil,
            "Value \(shown) at '\(path)' failed to satisfy constraint: \(constraint)"
        )
    }

    /// Notes a broken constraint whose value the service does not repeat.
    package mutating func noteUnseen(at path: String, _ constraint: String) {
        note(path, "Value at '\(path)' failed to satisfy constraint: \(constraint)")
    }

    private mutating func note(_ path: String, isMissing: Bool = false, _ text: String) {
        guard problems.count < Self.maxProblems else { return }
        let member = path.prefix { $0 != "." }.lowercased()
        let problem = Problem(
            isMissing: isMissing,
            // No name has a space: it comes behind the other one, and before all that follow it.
            member: placedBehind[member].map { $0 + " " } ?? member,
            text: text
        )
        // Behind those of the same member, so that these stay in their order.
        let place = problems.firstIndex { problem.precedes($0) } ?? problems.endIndex
        problems.insert(problem, at: place)
    }

    /// A client's text as far as an error repeats it: a body of megabytes must not come back.
    private static func shortened(_ text: String) -> String {
        text.utf8.count <= maxShownBytes ? text : String(text.prefix(maxShownBytes / 4)) + "…"
    }

    /// Notes that a member is missing.
    package mutating func require(_ isPresent: Bool, _ path: String) {
        if !isPresent { note(nil, at: path, "Member must not be null") }
    }

    /// Notes that a number lies outside a range.
    package mutating func check(_ value: Int?, in range: ClosedRange<Int>, at path: String) {
        guard let value else { return }
        if value < range.lowerBound {
            note(
                String(value),
                at: path,
                "Member must have value greater than or equal to \(range.lowerBound)"
            )
        } else if value > range.upperBound {
            note(
                String(value),
                at: path,
                "Member must have value less than or equal to \(range.upperBound)"
            )
        }
    }

    /// Notes that a text, list or map is too short or too long; `value` is how it is shown.
    package mutating func checkLength(
        _ value: String,
        _ length: Int,
        _ lengths: ClosedRange<Int>,
        at path: @autoclosure () -> String
    ) {
        if length < lengths.lowerBound {
            note(
                value,
                at: path(),
                "Member must have length greater than or equal to \(lengths.lowerBound)"
            )
        } else if length > lengths.upperBound {
            note(
                value,
                at: path(),
                "Member must have length less than or equal to \(lengths.upperBound)"
            )
        }
    }

    /// Notes that a text is too short or too long, in characters of UTF-16.
    package mutating func checkLength(
        of text: String,
        in lengths: ClosedRange<Int>,
        at path: @autoclosure () -> String
    ) {
        checkLength(text, text.utf16.count, lengths, at: path())
    }

    /// Throws what was noted.
    package func finish() throws(WireError) {
        guard !problems.isEmpty else { return }
        let plural = problems.count == 1 ? "error" : "errors"
        throw .validation(
            "\(problems.count) validation \(plural) detected: "
                + problems.map(\.text).joined(separator: "; ")
        )
    }

    /// Throws what was noted, of which `value`'s absence must be a part; else gives the value.
    package func required<Value>(_ value: Value?, _ name: String) throws(WireError) -> Value {
        try finish()
        guard let value else {
            throw .validation(
                "The parameter '\(name)' is required but was not present in the request"
            )
        }
        return value
    }
}

extension JSONReader {
    /// Reads one of an enumeration's words; another word is noted and gives nil.
    package mutating func readChoice<Choice: RawRepresentable<String> & CaseIterable>(
        _: Choice.Type,
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> Choice? {
        let word = try readWord(of: Choice.allCases.map(\.rawValue), at: path, &constraints)
        return word.flatMap(Choice.init)
    }

    /// Reads one of a few words; another word is noted and gives nil.
    package mutating func readWord(
        of words: [String],
        at path: String,
        _ constraints: inout Constraints
    ) throws(WireError) -> String? {
        let text = try readString()
        if words.contains(where: { $0.utf8.elementsEqual(text.utf8) }) { return text }
        constraints.note(
            text,
            at: path,
            "Member must satisfy enum value set: [\(words.joined(separator: ", "))]"
        )
        return nil
    }

    /// Reads a string of which the length, in characters of UTF-16, is bounded.
    package mutating func readString(
        _ lengths: ClosedRange<Int>,
        at path: @autoclosure () -> String,
        _ constraints: inout Constraints
    ) throws(WireError) -> String {
        let text = try readString()
        constraints.checkLength(of: text, in: lengths, at: path())
        return text
    }
}
