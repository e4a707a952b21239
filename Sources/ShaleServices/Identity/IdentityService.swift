package import ShaleIdentity
internal import ShaleItems
internal import ShalePlatform

/// What operations of IAM work on.
package struct IdentityService: Sendable {
    /// The roles and policies of the database.
    package var identity: Identity

    /// Puts a service together.
    package init(identity: Identity) { self.identity = identity }
}

/// An operation of the Query protocol: its name, what it takes, and what it answers.
protocol IdentityOperation: SendableMetatype {
    /// Its name.
    static var name: String { get }
    /// What a request may say.
    static var shape: [Member] { get }
    /// Answers a request; nil is an answer without a result.
    static func run(
        _ members: Item,
        _ service: IdentityService
    ) async throws(RestError) -> Item?
}

extension IdentityService {
    /// Runs what fails in the words of roles and policies.
    func checked<Answer: Sendable>(
        _ body: () async throws(IdentityError) -> Answer
    ) async throws(RestError) -> Answer {
        do throws(IdentityError) { return try await body() } catch { throw RestError(error) }
    }

    /// A moment as the service writes it: ISO 8601, whole seconds.
    static func date(_ milliseconds: Int64) -> AttributeValue {
        let text = CivilDate(seconds: milliseconds / 1_000).isoText(milliseconds: 0)
        return .string(text.dropLast(".000Z".count) + "Z")
    }

    /// Tags as lists of pairs, in the order of their names.
    static func tags(_ tags: [String: String]) -> AttributeValue {
        .list(
            tags.sorted { $0.key < $1.key }.map {
                ["Key": .string($0.key), "Value": .string($0.value)]
            }
        )
    }

    /// Pairs as tags.
    ///
    /// - Throws: where a name comes twice.
    static func tags(_ list: AttributeValue?) throws(RestError) -> [String: String] {
        var tags: [String: String] = [:]
        for pair in list?.listValue?.compactMap(\.mapValue) ?? [] {
            let name = pair["Key"]?.stringValue ?? ""
            guard tags.updateValue(pair["Value"]?.stringValue ?? "", forKey: name) == nil else {
                throw RestError(
                    "InvalidInput",
                    400,
                    "Duplicate tag keys found. Please note that Tag keys are case insensitive."
                )
            }
        }
        return tags
    }

    /// A page of what has names, in their order; the marker is the last name.
    static func page(
        _ list: String,
        _ all: [(name: String, told: AttributeValue)],
        _ members: Item
    ) -> Item {
        let limit = members["MaxItems"]?.numberValue?.intValue ?? 100
        let marker = members["Marker"]?.stringValue.map { $0.lowercased() }
        let left = all.map { (name: $0.name.lowercased(), told: $0.told) }
            .sorted { $0.name < $1.name }
            .drop { entry in marker.map { entry.name <= $0 } ?? false }
        let page = left.prefix(limit)
        var answer: Item = [
            list: .list(page.map(\.told)), "IsTruncated": .bool(page.count < left.count),
        ]
        if page.count < left.count, let last = page.last { answer["Marker"] = .string(last.name) }
        return answer
    }
}

extension Item {
    /// A text that the shape requires, or an empty one.
    func text(_ name: String) -> String { self[name]?.stringValue ?? "" }
}

extension RestError {
    /// An error of roles and policies.
    init(_ error: IdentityError) {
        let status =
            switch error.code {
            case .noSuchEntity: 404
            case .alreadyExists, .deleteConflict, .limitExceeded: 409
            case .malformedDocument, .invalidInput: 400
            case .failure: 500
            }
        self.init(error.code.rawValue, status, error.message)
    }
}
