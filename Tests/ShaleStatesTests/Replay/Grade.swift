import OrderedCollections
import ShaleJSON

@testable import ShaleStates

/// How a replay compares with its recording; the first five as `replay_state_machines.py` grades them.
struct Grade: Equatable {
    enum Part: String, CaseIterable, Sendable {
        case accepted, status, output, types, names
        /// Numbers, previous numbers and all details of all events.
        case details
    }

    var failed: Set<Part> = []
    /// The first difference, for people.
    var note = ""

    init(_ recorded: RecordedCase) {
        let driver: ExecutionDriver
        do {
            driver = try recorded.replay()
        } catch {
            failed = Set(Part.allCases)
            note = "\(error)"
            return
        }
        let observed = driver.history.map(\.json)
        gradeEnd(recorded.events, observed)
        guard !recorded.hasOutputOnly else { return }
        guard !recorded.hasParallel else {
            gradeParallel(recorded.events, observed)
            return
        }
        if recorded.events.map(\.type) != observed.map(\.type) {
            fail(.types, "\(recorded.events.map(\.type)) \(observed.map(\.type))")
        }
        if recorded.events.map(\.name) != observed.map(\.name) { fail(.names, "") }
        if !failed.contains(.types) { gradeDetails(recorded.events, observed) }
    }

    private mutating func fail(_ part: Part, _ text: String) {
        failed.insert(part)
        if note.isEmpty { note = text }
    }

    private mutating func gradeEnd(_ recorded: [JSONValue], _ observed: [JSONValue]) {
        guard let expected = recorded.last, let actual = observed.last else { return }
        let texts = "\(expected.json) \(actual.json)"
        if expected.type != actual.type { fail(.status, texts) }
        let left = expected.details
        let right = actual.details
        let isSame = ["output", "error"].allSatisfy { name in
            Self.isSame(left?[name] ?? .null, right?[name] ?? .null)
        }
        if expected.type != actual.type || !isSame { fail(.output, texts) }
    }

    private mutating func gradeDetails(_ recorded: [JSONValue], _ observed: [JSONValue]) {
        if recorded.count != observed.count {
            fail(.types, "\(recorded.count) events, \(observed.count) here")
        }
        for (expected, actual) in zip(recorded, observed) {
            var left = expected.members ?? [:]
            var right = actual.members ?? [:]
            left["timestamp"] = nil
            right["timestamp"] = nil
            guard Self.isSame(.object(left), .object(right)) else {
                fail(.details, "\(expected.json) \(actual.json)")
                return
            }
        }
    }

    /// Compares a history with branches.
    ///
    /// Events within branches have no numbers in the recordings and stand in the order of their names, since threads of
    /// the service run them in any order; `ParallelStateSucceeded` is left out there. All others are compared as they are.
    private mutating func gradeParallel(_ recorded: [JSONValue], _ observed: [JSONValue]) {
        func isNumbered(_ event: JSONValue) -> Bool { event["id"]?.number != nil }
        let numbers = Set(recorded.filter(isNumbered).compactMap { $0["id"]?.number })
        let told = observed.filter { $0.type != "ParallelStateSucceeded" }
        gradeDetails(
            recorded.filter(isNumbered),
            told.filter { $0["id"]?.number.map(numbers.contains) ?? false }
        )
        var left = told.filter { !($0["id"]?.number.map(numbers.contains) ?? false) }
        for event in recorded where !isNumbered(event) {
            let place = left.firstIndex {
                Self.isSame(Self.withoutNumbers(event), Self.withoutNumbers($0))
            }
            guard let place else { return fail(.details, "not there: \(event.json)") }
            left.remove(at: place)
        }
        if !left.isEmpty { fail(.types, "too many: \(left.map(\.json))") }
    }

    private static func withoutNumbers(_ event: JSONValue) -> JSONValue {
        var members = event.members ?? [:]
        for name in ["id", "previousEventId", "timestamp"] { members[name] = nil }
        return .object(members)
    }

    // MARK: Comparison

    /// A recorded value, which may have words of the recording in the place of values, against an observed one; texts that are JSON are read.
    static func isSame(_ recorded: JSONValue, _ observed: JSONValue) -> Bool {
        let (left, right) = (read(recorded), read(observed))
        switch (left, right) {
        case (.string(let text), _) where hasPlaceholder(text):
            return right.text != nil || right.number != nil
        case (.object(let left), .object(let right)):
            return left.count == right.count
                && left.allSatisfy { name, value in right[name].map { isSame(value, $0) } ?? false }
        case (.array(let left), .array(let right)):
            return left.count == right.count && zip(left, right).allSatisfy(isSame)
        default: return left == right
        }
    }

    private static func read(_ value: JSONValue) -> JSONValue {
        guard let text = value.text, let inner = try? JSONParser.value(of: text) else {
            return value
        }
        return read(inner)
    }

    static func hasPlaceholder(_ text: String) -> Bool {
        let words = ["uuid", "timestamp", "date", "RandomNumberGenerated"]
        if words.contains(where: text.contains) { return true }
        return text.split(separator: "<", omittingEmptySubsequences: false).dropFirst().contains {
            part in
            guard let end = part.firstIndex(of: ">"), end != part.startIndex else { return false }
            return part[..<end].allSatisfy { $0.isLetter || $0.isNumber || "_:-".contains($0) }
        }
    }
}

extension JSONValue {
    var type: String? { self["type"]?.text }

    /// The details of an event, whatever its type.
    var details: JSONValue? {
        members?.first { $0.key.hasSuffix("EventDetails") }?.value
    }

    /// The name of the state that an event enters or leaves.
    var name: String? {
        (self["stateEnteredEventDetails"] ?? self["stateExitedEventDetails"])?["name"]?.text
    }
}
