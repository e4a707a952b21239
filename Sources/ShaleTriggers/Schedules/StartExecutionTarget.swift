internal import OrderedCollections
internal import ShaleJSON
package import ShaleStateMachines

/// The operation StartExecution as a target of schedules, as the service's universal targets name it.
///
/// The schedule's input is the request: `{"StateMachineArn": "…", "Name": "…", "Input": "…"}`.
package struct StartExecutionTarget: ScheduleTarget {
    /// What such a schedule has as the resource name of its target.
    package static let resourceName = "arn:aws:scheduler:::aws-sdk:sfn:startExecution"

    /// A request; its members are texts.
    private struct Request {
        var machine: String
        var name: String?
        var input: String
        var traceHeader: String?

        private static let members = ["StateMachineArn", "Name", "Input", "TraceHeader"]

        init(_ bytes: [UInt8]) throws(ScheduleTargetError) {
            let value: JSONValue
            do throws(JSONError) {
                var parser = JSONParser(bytes)
                value = try parser.wholeText()
            } catch {
                throw ScheduleTargetError(.refused, "The request is no JSON.")
            }
            guard let given = value.members else {
                throw ScheduleTargetError(.refused, "The request is no object.")
            }
            var texts: [String: String] = [:]
            for (name, value) in given {
                // Clients of some languages write the first letter small.
                let member = name.prefix(1).uppercased() + name.dropFirst()
                guard Self.members.contains(member), let text = value.text else {
                    throw ScheduleTargetError(
                        .refused,
                        "The member \(name.prefix(256)) is none of the texts "
                            + Self.members.joined(separator: ", ")
                    )
                }
                texts[member] = text
            }
            guard let machine = texts["StateMachineArn"] else {
                throw ScheduleTargetError(.refused, "The request has no StateMachineArn.")
            }
            self.machine = machine
            name = texts["Name"]
            input = texts["Input"] ?? "{}"
            traceHeader = texts["TraceHeader"]
        }
    }

    private let executions: Executions

    /// The operation upon these.
    package init(_ executions: Executions) { self.executions = executions }

    package func isNamed(by resourceName: String) -> Bool {
        resourceName.utf8.elementsEqual(Self.resourceName.utf8)
    }

    package func check(input: [UInt8]?) throws(ScheduleTargetError) {
        guard let input else {
            throw ScheduleTargetError(.refused, "The request of the operation is missing.")
        }
        let request = try Request(input)
        guard executions.isMachine(request.machine) else {
            throw ScheduleTargetError(
                .refused,
                "\(request.machine.prefix(256)) is no state machine of this account."
            )
        }
        do throws(StatesError) { try Executions.check(input: request.input) } catch {
            throw ScheduleTargetError(error)
        }
    }

    package func start(
        _: String,
        input: [UInt8],
        _ firing: FiringIdentity
    ) async throws(ScheduleTargetError) -> ScheduledStart {
        let request = try Request(input)
        do throws(StatesError) {
            let start = try await executions.prepareStart(
                request.machine,
                name: request.name,
                input: request.input,
                starter: firing.occurrence,
                traceHeader: request.traceHeader
            )
            return ScheduledStart(start, of: executions)
        } catch {
            throw ScheduleTargetError(error)
        }
    }
}
