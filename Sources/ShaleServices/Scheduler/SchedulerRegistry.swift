/// The operations of schedules, and which of them a request asks for.
package enum SchedulerRegistry {
    private static let operations: [any SchedulerOperation.Type] = [
        CreateSchedule.self, CreateScheduleGroup.self, DeleteSchedule.self,
        DeleteScheduleGroup.self, GetSchedule.self, GetScheduleGroup.self,
        ListScheduleGroups.self, ListSchedules.self, ListScheduleTags.self,
        TagScheduleGroup.self, UntagScheduleGroup.self, UpdateSchedule.self,
    ]

    /// The names of all operations, sorted.
    package static let names = operations.map { $0.name }.sorted()

    private static let roots: Set<Substring> = ["schedules", "schedule-groups", "tags"]

    /// Whether a path is one of this service.
    package static func isMeant(path: String) -> Bool {
        path.split(separator: "/", maxSplits: 1).first.map(roots.contains) ?? false
    }

    /// What a request is an operation of.
    package struct Match: Sendable {
        /// The operation's name.
        package let name: String
        let operation: any SchedulerOperation.Type
        let parameters: [String: String]

        /// Runs it.
        ///
        /// - Throws: what is wrong with the request.
        package func run(
            _ call: RestCall,
            _ service: SchedulerService
        ) async throws(RestError) -> RestReply {
            var call = call
            call.parameters = parameters
            return try await operation.run(call, service)
        }
    }

    /// Finds the operation of a method and a path, which is percent-encoded.
    ///
    /// - Throws: 404 for what is none.
    package static func find(_ method: String, _ path: String) throws(RestError) -> Match {
        guard let segments = PercentCoding.segments(of: path) else {
            throw RestError("UnknownOperationException", 404, "The path is not encoded right.")
        }
        for operation in operations where operation.route.method == method {
            guard let parameters = operation.route.parameters(of: segments) else { continue }
            return Match(name: operation.name, operation: operation, parameters: parameters)
        }
        throw RestError("UnknownOperationException", 404, "No operation is at \(method) \(path).")
    }
}
