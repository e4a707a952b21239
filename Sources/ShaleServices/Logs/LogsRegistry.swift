internal import ShaleLogs
internal import ShaleWire

/// The operations of CloudWatch Logs, and which of them a request asks for.
package enum LogsRegistry {
    /// What precedes an operation's name in the target header.
    package static let targetPrefix = "Logs_20140328."

    private static let operations: [any LogsOperation.Type] = [
        CreateLogGroup.self, CreateLogStream.self, DeleteLogGroup.self, DeleteLogStream.self,
        DeleteRetentionPolicy.self, DescribeLogGroups.self, DescribeLogStreams.self,
        FilterLogEvents.self, GetLogEvents.self, ListLogTags.self, ListTagsLogGroup.self,
        PutLogEvents.self, PutRetentionPolicy.self, TagLogGroup.self, TagLogResource.self,
        UntagLogGroup.self, UntagLogResource.self,
    ]

    /// The names of all operations, sorted.
    package static let names = operations.map { $0.name }.sorted()

    /// An operation that a request asks for.
    package struct Match: Sendable {
        /// Its name.
        package let name: String
        let operation: any LogsOperation.Type

        /// Runs it.
        ///
        /// - Throws: what is wrong with the request.
        package func run(
            _ call: RestCall,
            _ service: LogsService
        ) async throws(RestError) -> RestReply {
            // Lines that functions wrote a moment ago are there for whoever looks.
            await service.logs.settle()
            do throws(RestError) {
                var reply = try await operation.run(call, service)
                reply.contentType = RestReply.json11
                return reply
            } catch {
                // What breaks a shape has another name in this service.
                guard error.name == WireError.Code.validation.rawValue else { throw error }
                throw .logs(.invalid, error.message)
            }
        }
    }

    /// Finds the operation of a target.
    ///
    /// - Throws: for what is none, and for what is not here.
    package static func find(target: String) throws(RestError) -> Match {
        let name = String(decoding: target.utf8.dropFirst(targetPrefix.utf8.count), as: UTF8.self)
        if let operation = operations.first(where: { $0.name == name }) {
            return Match(name: name, operation: operation)
        }
        if let feature = AbsentLogsOperations.feature(of: name) { throw .absentOfLogs(feature) }
        throw RestError(
            WireError(.unknownOperation, "\(name.prefix(64)) is no operation of this service.")
        )
    }
}
