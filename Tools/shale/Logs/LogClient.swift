import Foundation
import ShalePlatform

/// Asks a server for lines of logs.
struct LogClient {
    private let server: ServerClient
    private let service: String

    init(_ server: ServerClient, service: String) {
        self.server = server
        self.service = service
    }

    /// One page of lines, and where the next begins.
    func page(_ query: LogQuery, after token: String?) async throws -> LogPage {
        var asked = query
        asked.token = token
        let answer = try await server.post(
            target: "Logs_20140328.FilterLogEvents",
            service: service,
            body: Array(try JSONEncoder().encode(asked))
        )
        let body = Data(answer.body)
        guard answer.status == 200 else {
            let failure = try? JSONDecoder().decode(LogFailure.self, from: body)
            throw Complaint(
                .problemFound,
                failure?.message ?? "the server answers with status \(answer.status)"
            )
        }
        do {
            return try JSONDecoder().decode(LogPage.self, from: body)
        } catch {
            throw Complaint(.failed, "the server's answer is not one of CloudWatch Logs")
        }
    }
}

/// What FilterLogEvents is asked.
struct LogQuery: Encodable {
    var group: String
    var streams: [String]?
    var filter: String?
    var from: Int64?
    var token: String?

    init(group: String, stream: String?, filter: String?) {
        self.group = group
        streams = stream.map { [$0] }
        self.filter = filter
    }

    enum CodingKeys: String, CodingKey {
        case group = "logGroupName"
        case streams = "logStreamNames"
        case filter = "filterPattern"
        case from = "startTime"
        case token = "nextToken"
    }
}

/// What FilterLogEvents answers.
struct LogPage: Decodable {
    var events: [LogEvent]
    var nextToken: String?
}

/// An error of the service.
struct LogFailure: Decodable {
    var message: String
}

/// One line.
struct LogEvent: Codable {
    var id: String
    var stream: String
    var milliseconds: Int64
    var message: String

    enum CodingKeys: String, CodingKey {
        case id = "eventId"
        case stream = "logStreamName"
        case milliseconds = "timestamp"
        case message
    }

    func encode(to encoder: any Encoder) throws {
        var container = encoder.container(keyedBy: OutputKeys.self)
        try container.encode(stream, forKey: .stream)
        try container.encode(milliseconds, forKey: .timestamp)
        try container.encode(message, forKey: .message)
    }

    private enum OutputKeys: String, CodingKey {
        case stream, timestamp, message
    }

    /// The time, the stream, and what it says without the end of its line.
    var text: String {
        let time = CivilDate(seconds: milliseconds / 1_000)
            .isoText(milliseconds: milliseconds % 1_000)
        return "\(time) \(stream) \(message.trimmingCharacters(in: .newlines))"
    }
}
