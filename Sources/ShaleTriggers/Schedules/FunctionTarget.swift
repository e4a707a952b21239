package import ShaleFunctions
internal import ShaleWire

/// Functions of this account, as targets of schedules: each start is an event, durable and retried as all events.
package struct FunctionTarget: ScheduleTarget {
    private let functions: Functions

    /// The functions of a database.
    package init(_ functions: Functions) { self.functions = functions }

    /// As `arn:aws:lambda:us-east-1:000000000000:function:hello`, perhaps with a qualifier.
    package func isNamed(by resourceName: String) -> Bool {
        functions.named(resourceName) != nil
    }

    /// A function is given JSON.
    package func check(input: [UInt8]?) throws(ScheduleTargetError) {
        guard let input else { return }
        guard input.count <= FunctionLimits.eventBytes else {
            throw ScheduleTargetError(
                .refused,
                "A function is given at most \(FunctionLimits.eventBytes) bytes."
            )
        }
        do throws(WireError) { _ = try JSONReader.document(input) } catch {
            throw ScheduleTargetError(.refused, "What a function is given is JSON.")
        }
    }

    /// Prepares an event.
    package func start(
        _ resourceName: String,
        input: [UInt8],
        _ firing: FiringIdentity
    ) async throws(ScheduleTargetError) -> ScheduledStart {
        guard let (name, qualifier) = functions.named(resourceName) else {
            throw ScheduleTargetError(.refused, "\(resourceName) is no function of this account.")
        }
        do throws(FunctionError) {
            let event = try await functions.prepareEvent(
                name,
                qualifier,
                payload: input,
                identity: firing.attempt
            )
            let functions = functions
            return ScheduledStart(event.writes) { await functions.wrote(event) }
        } catch {
            throw ScheduleTargetError(error.code == .service ? .failed : .refused, error.message)
        }
    }
}
