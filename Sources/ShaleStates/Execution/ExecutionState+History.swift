internal import OrderedCollections
internal import ShaleJSON

extension ExecutionState {
    /// Adds an event and returns its number.
    ///
    /// Where only the end of the execution has room any more, other events are left out and the step ends it.
    @discardableResult
    mutating func record(
        _ type: String,
        after previous: Int,
        _ turn: inout Turn,
        _ detailsName: String? = nil,
        _ details: JSONObject = [:]
    ) -> Int {
        record(type, after: previous, &turn, detailsName, telling: .object(details))
    }

    @discardableResult
    mutating func record(
        _ type: String,
        after previous: Int,
        _ turn: inout Turn,
        _ detailsName: String?,
        telling details: HistoryEvent.Details
    ) -> Int {
        let isEnd = type.hasPrefix("Execution")
        guard isEnd || !context.limitsHistory || eventCount < Self.historyLimit - 1 else {
            turn.isHistoryFull = true
            return eventCount
        }
        eventCount += 1
        turn.historyBytes += details.sizeBytes
        turn.step.history.append(
            HistoryEvent(
                id: eventCount,
                previousID: previous,
                type: type,
                timestamp: turn.now,
                detailsName: detailsName,
                told: details
            )
        )
        return eventCount
    }

    /// Adds an event of a branch, which the next one of the branch follows.
    mutating func advanceHistory(
        _ id: BranchID,
        _ type: String,
        _ turn: inout Turn,
        _ detailsName: String? = nil,
        _ details: JSONObject = [:]
    ) {
        advanceHistory(id, type, &turn, detailsName, telling: .object(details))
    }

    mutating func advanceHistory(
        _ id: BranchID,
        _ type: String,
        _ turn: inout Turn,
        _ detailsName: String?,
        telling details: HistoryEvent.Details
    ) {
        let previous = self[id].lastEvent
        let event = record(type, after: previous, &turn, detailsName, telling: details)
        self[id].lastEvent = event
    }

    /// Ends an execution whose history is full.
    mutating func endIfFull(_ turn: inout Turn) {
        guard turn.isHistoryFull, status == .running else { return }
        failExecution(.historyFull, after: eventCount, &turn)
    }

    /// The text of data that a state hands on.
    ///
    /// - Throws: `States.DataLimitExceeded` where it is too large.
    func text(of data: JSONValue, state: StateDefinition) throws(StateFailure) -> String {
        guard data.isShallower(than: Self.depthLimit) else {
            throw .runtime("The data is nested deeper than \(Self.depthLimit) levels")
        }
        let bytes = data.encoded()
        guard bytes.count <= Self.dataLimit else { throw .tooLarge(state.name) }
        return String(decoding: bytes, as: UTF8.self)
    }
}

extension JSONValue {
    /// Whether values stand in values at most so many levels deep.
    func isShallower(than levels: Int) -> Bool {
        switch self {
        case .array(let elements):
            levels > 0 && elements.allSatisfy { $0.isShallower(than: levels - 1) }
        case .object(let members):
            levels > 0 && members.values.allSatisfy { $0.isShallower(than: levels - 1) }
        default: true
        }
    }
}
