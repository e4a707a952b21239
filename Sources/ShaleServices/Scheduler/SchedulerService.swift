internal import Crypto
internal import ShaleItems
package import ShaleTriggers
internal import ShaleWire

/// What operations of EventBridge Scheduler work on.
package struct SchedulerService: Sendable {
    /// The schedules of the database.
    package var schedules: Schedules
    /// The region and the account in resource names.
    package var region: String
    package var account: String

    /// Puts a service together.
    package init(schedules: Schedules, region: String, account: String) {
        self.schedules = schedules
        self.region = region
        self.account = account
    }
}

/// An operation of the service: where it is, and what it answers.
protocol SchedulerOperation: SendableMetatype {
    /// Its name.
    static var name: String { get }
    /// Where it is.
    static var route: Route { get }
    /// Answers a request.
    static func run(
        _ call: RestCall,
        _ service: SchedulerService
    ) async throws(RestError) -> RestReply
}

extension SchedulerService {
    /// Runs what fails in the words of schedules.
    func checked<Answer: Sendable>(
        _ body: () async throws(ScheduleError) -> Answer
    ) async throws(RestError) -> Answer {
        do throws(ScheduleError) { return try await body() } catch { throw RestError(error) }
    }
}

extension RestError {
    /// An error of schedules.
    init(_ error: ScheduleError) {
        let status =
            switch error.code {
            case .conflict: 409
            case .notFound: 404
            case .validation: 400
            case .quotaExceeded: 402
            case .failed: 500
            }
        self.init(error.code.rawValue, status, error.message)
    }

    /// The error as this service tells it: the name stands in a header, the message in the body.
    package var schedulerReply: RestReply {
        var reply = RestReply(["Message": .string(message)], status: status)
        reply.headers = [("x-amzn-ErrorType", name)]
        return reply
    }
}

/// How texts of this service must look, and the parts that requests have in common.
enum SchedulerShapes {
    private static let nameLetters = Pattern(
        "^[0-9a-zA-Z-_.]+$",
        letters: Pattern.alphanumeric + "-_."
    )
    static let name = Shape.text(1...64, nameLetters)
    static let token = Shape.text(
        1...64,
        Pattern("^[a-zA-Z0-9-_]+$", letters: Pattern.alphanumeric + "-_")
    )
    static let role = Shape.text(
        1...1_600,
        Pattern(
            #"^arn:aws(-[a-z]+)?:iam::\d{12}:role\/[\w+=,.@\/-]+$"#,
            Patterns.role.matches
        )
    )
    static let tags = Shape.list(
        .structure([.required("Key", .text(1...128)), .required("Value", .text(1...256))]),
        0...200
    )
    static let mostResults = 100

    /// Notes what a name breaks that stands in the path or in the query.
    static func check(_ text: String, at place: String, _ constraints: inout Constraints) {
        constraints.check(text, 1...64, nameLetters, at: place)
    }
}

extension RestCall {
    /// The name in the path, checked beside others.
    func schedulerName(_ constraints: inout Constraints) -> String {
        let name = parameters["Name"] ?? ""
        SchedulerShapes.check(name, at: "name", &constraints)
        return name
    }

    /// The name in the query, if there is one, checked beside others.
    func schedulerName(_ member: String, _ constraints: inout Constraints) -> String? {
        guard let name = value(member) else { return nil }
        let place = member.prefix(1).lowercased() + member.dropFirst()
        SchedulerShapes.check(name, at: place, &constraints)
        return name
    }

    /// A client's token with what it stands for: the whole request.
    func token(_ text: String?, _ operation: String) -> ClientToken? {
        guard let text else { return nil }
        var hash = SHA256()
        let groups = query.map { "\($0.name)=\($0.value)" }.joined(separator: "&")
        for part in [operation, parameters["Name"] ?? "", groups] {
            hash.update(data: Array("\(part)\n".utf8))
        }
        hash.update(data: body)
        return ClientToken(text, digest: Hexadecimal.text(Array(hash.finalize())))
    }
}
