package import ShaleStateMachines
internal import ShaleTables

/// State machines of this account, as targets of schedules: an execution begins with the record of the firing.
///
/// Its name follows from the schedule and the time, so that one time of a schedule is one execution.
package struct MachineTarget: ScheduleTarget {
    private let executions: Executions

    /// The state machines whose executions these are.
    package init(_ executions: Executions) { self.executions = executions }

    /// As `arn:aws:states:us-east-1:000000000000:stateMachine:orders`, perhaps with a version or an alias.
    package func isNamed(by resourceName: String) -> Bool { executions.isMachine(resourceName) }

    /// An execution is given JSON.
    package func check(input: [UInt8]?) throws(ScheduleTargetError) {
        guard let input else { return }
        do throws(StatesError) {
            try Executions.check(input: String(decoding: input, as: UTF8.self))
        } catch {
            throw ScheduleTargetError(error)
        }
    }

    /// Prepares an execution.
    package func start(
        _ resourceName: String,
        input: [UInt8],
        _ firing: FiringIdentity
    ) async throws(ScheduleTargetError) -> ScheduledStart {
        do throws(StatesError) {
            let start = try await executions.prepareStart(
                resourceName,
                input: String(decoding: input, as: UTF8.self),
                starter: firing.occurrence
            )
            return ScheduledStart(start, of: executions)
        } catch {
            throw ScheduleTargetError(error)
        }
    }
}

extension ScheduledStart {
    /// A start of an execution; one that is there already needs nothing.
    init(_ start: PreparedStart?, of executions: Executions) {
        guard let start else {
            self.init(SystemWrites()) {}
            return
        }
        self.init(start.writes) { executions.wrote(start) }
    }
}

extension ScheduleTargetError {
    /// An error of state machines.
    init(_ error: StatesError) {
        self.init(error.code == .failed ? .failed : .refused, error.message)
    }
}
