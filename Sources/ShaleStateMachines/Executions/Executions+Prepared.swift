internal import ShaleEngine
internal import ShaleFunctions
internal import ShaleJSON
internal import ShaleStates
package import ShaleTables

// Starts that others write: an execution that begins in the record that says why, as the firing of a schedule.

/// An execution that begins once its writes are written.
///
/// Its name is nobody else's for as long as this is there.
package struct PreparedStart: Sendable {
    /// What makes it begin.
    package let writes: SystemWrites
    let live: LiveExecution
    let turn: LiveExecution.Turn
    let stateBytes: Int
    let hold: NameHold?

    /// Gives the turn of a name back when nothing refers to it any more: also where nothing was written.
    final class NameHold: Sendable {
        private let turns: Turns
        private let name: String

        init(_ turns: Turns, _ name: String) async {
            self.turns = turns
            self.name = name
            await turns.enter(name)
        }

        deinit { turns.leave(name) }
    }
}

extension Executions {
    /// Whether a resource name names a machine of this account, a version or an alias of one: here or not.
    package func isMachine(_ arn: String) -> Bool {
        do throws(StatesError) {
            let name = try StatesARN(arn)
            return name.region == region && name.account == account && name.label == nil
        } catch {
            return false
        }
    }

    /// Checks what an execution is to be given.
    ///
    /// - Throws: `.invalidExecutionInput`.
    package static func check(input: String) throws(StatesError) {
        try checkSize(of: input)
        do throws(JSONError) { _ = try JSONParser.value(of: input) } catch {
            throw notJSON(error)
        }
    }

    /// Prepares an execution, which begins once the caller has written it and said `wrote`.
    ///
    /// - Parameters:
    ///   - arn: A state machine, a version or an alias.
    ///   - name: Of 1 to 80 characters; nil is one that follows from the starter, so that it starts one execution.
    ///   - input: JSON of at most 256 KiB.
    ///   - starter: Who starts it: a text that is nobody else's.
    ///   - traceHeader: Kept, and has no effect.
    /// - Returns: What is to be written; nil where the execution is there already.
    /// - Throws: `.stateMachineDoesNotExist`, `.executionAlreadyExists`, `.invalidExecutionInput`, `.invalidName`,
    ///   `.invalidArn`, `.failed`.
    package func prepareStart(
        _ arn: String,
        name: String? = nil,
        input: String,
        starter: String,
        traceHeader: String? = nil
    ) async throws(StatesError) -> PreparedStart? {
        let given = name ?? Self.name(from: starter)
        var start = try await start(of: arn, name: given, input: input, traceHeader: traceHeader)
        start.starter = starter
        let key = try key(start)
        var hold: PreparedStart.NameHold?
        if start.isNamed {
            hold = await PreparedStart.NameHold(starts, key.text)
            if try await known(start, key) != nil { return nil }
        }
        var (live, turn) = try firstTurn(start, key)
        let (writes, stateBytes) = try await prepare(&live, &turn)
        return PreparedStart(
            writes: writes,
            live: live,
            turn: turn,
            stateBytes: stateBytes,
            hold: hold
        )
    }

    /// Begins with what an execution does that was written.
    package func wrote(_ start: PreparedStart) {
        follow(start.live, start.turn, stateBytes: start.stateBytes)
    }
}
