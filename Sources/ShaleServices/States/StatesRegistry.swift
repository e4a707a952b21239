internal import ShaleStateMachines
internal import ShaleWire

/// The operations of Step Functions, and which of them a request asks for.
package enum StatesRegistry {
    /// What precedes an operation's name in the target header.
    package static let targetPrefix = "AWSStepFunctions."

    private static let operations: [any StatesOperation.Type] = [
        CreateActivity.self, CreateStateMachine.self, CreateStateMachineAlias.self,
        DeleteActivity.self, DeleteStateMachine.self, DeleteStateMachineAlias.self,
        DeleteStateMachineVersion.self, DescribeActivity.self, DescribeExecution.self,
        DescribeMapRun.self, DescribeStateMachine.self, DescribeStateMachineAlias.self,
        DescribeStateMachineForExecution.self, GetActivityTask.self, GetExecutionHistory.self,
        ListActivities.self, ListExecutions.self, ListMapRuns.self,
        ListStateMachineAliases.self, ListStateMachineVersions.self, ListStateMachines.self,
        ListStatesTags.self,
        PublishStateMachineVersion.self, RedriveExecution.self, SendTaskFailure.self,
        SendTaskHeartbeat.self, SendTaskSuccess.self, StartExecution.self,
        StartSyncExecution.self, StopExecution.self, TagStatesResource.self, TestState.self,
        UntagStatesResource.self, UpdateMapRun.self, UpdateStateMachine.self,
        UpdateStateMachineAlias.self,
        ValidateStateMachineDefinition.self,
    ]

    /// The names of all operations, sorted.
    package static let names = operations.map { $0.name }.sorted()

    /// An operation that a request asks for.
    package struct Match: Sendable {
        /// Its name.
        package let name: String
        let operation: any StatesOperation.Type

        /// Runs it.
        ///
        /// - Throws: what is wrong with the request.
        package func run(
            _ call: RestCall,
            _ service: StatesService
        ) async throws(RestError) -> RestReply {
            let members = try call.members(operation.shape)
            var reply = try await operation.run(members, service, for: call.client)
            reply.contentType = RestReply.json10
            return reply
        }
    }

    /// Finds the operation of a target.
    ///
    /// - Throws: for what is none.
    package static func find(target: String) throws(RestError) -> Match {
        let name = String(decoding: target.utf8.dropFirst(targetPrefix.utf8.count), as: UTF8.self)
        if let operation = operations.first(where: { $0.name == name }) {
            return Match(name: name, operation: operation)
        }
        throw RestError(
            WireError(.unknownOperation, "\(name.prefix(64)) is no operation of this service.")
        )
    }
}
