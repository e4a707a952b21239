import ShaleEngine
import ShaleItems
import ShalePlatform
import ShaleTables
import Testing

@testable import ShaleStateMachines

/// State machines in a database in memory, and small definitions.
enum MachineFixture {
    static let prefix = "arn:aws:states:us-east-1:000000000000:stateMachine:"

    static func run(_ body: (StateMachines, Database) async throws -> Void) async throws {
        let database = try await Database.inMemory()
        try await body(try await open(database), database)
        try await database.close()
    }

    static func open(_ database: Database) async throws -> StateMachines {
        try await StateMachines(
            database,
            world: .posix(),
            region: "us-east-1",
            account: "000000000000",
            tableActions: ["batchWriteItem", "query"]
        )
    }

    /// A machine that passes a text on.
    static func definition(_ text: String = "a") -> String {
        #"{"StartAt": "P", "States": {"P": {"Type": "Pass", "Result": "\#(text)", "End": true}}}"#
    }

    static func task(_ resource: String) -> String {
        #"{"StartAt": "T", "States": {"T": {"Type": "Task", "Resource": "\#(resource)", "End": true}}}"#
    }

    static func new(
        _ name: String = "m",
        _ text: String = "a",
        kind: ResolvedMachine.Kind = .standard
    ) -> StateMachines.New {
        let role = "arn:aws:iam::000000000000:role/r"
        let settings = MachineSettings(definition: definition(text), roleARN: role)
        return StateMachines.New(name: name, kind: kind, settings: settings)
    }

    static func change(_ text: String, isPublished: Bool = false) -> StateMachines.Change {
        var change = StateMachines.Change()
        change.definition = definition(text)
        change.isPublished = isPublished
        return change
    }

    /// What the service calls the error that something ends with; nil where it does not.
    static func refusal(_ body: () async throws -> Void) async -> StatesError.Code? {
        do {
            try await body()
            return nil
        } catch {
            return (error as? StatesError)?.code
        }
    }
}
