internal import ShaleItems
internal import ShaleTables
internal import ShaleWire
internal import Synchronization

/// What was promised of changes, and what a mapping's function was given.
///
/// A change is settled when the function has handled it, or when the mapping may have given it up.
final class MappingBook: Sendable {
    private struct State {
        var written = 0
        var acknowledged: Set<Int> = []
        /// The last record of those that do not count, because they were there before the mapping.
        var start: StreamSequence?
        var isMade = false
        /// What the function has handled.
        var handled: [StreamSequence: GivenChange] = [:]
        /// The newest that was handled of each key.
        var newest: [String: StreamSequence] = [:]
        /// What may have been given up: it failed too often within one life.
        var exhausted: Set<StreamSequence> = []
        /// What the bucket was told.
        var told: Set<StreamSequence> = []
        /// What the states of windows that have ended for good have counted.
        var counted: Set<StreamSequence> = []
        /// What those have counted of whose end it is not known whether a crash has made it come again.
        var perhapsCounted: Set<StreamSequence> = []
        var life = Life()
        var isAtRest = false
        var problem: String?

        var endingSequences: [StreamSequence] {
            life.ending.values.joined().flatMap(\.counted)
        }
    }

    /// What has happened since the last crash.
    private struct Life {
        var handled: Set<StreamSequence> = []
        var failures: [StreamSequence: Int] = [:]
        /// What was handled before it as well.
        var repeated = 0
        /// By shard, the windows that have ended and may come again behind a crash.
        var ending: [String: [GivenEvent.Window]] = [:]
    }

    private let choices: MappingChoices
    private let state = Mutex(State())

    init(_ choices: MappingChoices) { self.choices = choices }

    private func note(_ body: (inout State) -> String?) {
        state.withLock { state in
            if let problem = body(&state), state.problem == nil { state.problem = problem }
        }
    }

    // MARK: Writers

    /// The next change.
    func begin() -> Int {
        state.withLock { state in
            state.written += 1
            return state.written
        }
    }

    func acknowledge(_ numbers: [Int]) {
        state.withLock { $0.acknowledged.formUnion(numbers) }
    }

    /// Whether it is known that the mapping is there.
    var isMade: Bool { state.withLock { $0.isMade } }

    /// The mapping will be there; the stream's last record is this one, and nobody writes meanwhile.
    func making(behind last: StreamSequence?) {
        state.withLock { $0.start = choices.startsLatest ? last : nil }
    }

    func made() { state.withLock { $0.isMade = true } }

    // MARK: The function

    /// What the function is given.
    func event(_ payload: [UInt8]) throws -> GivenEvent {
        do {
            let event = try GivenEvent(payload)
            given(event)
            return event
        } catch {
            note { _ in "an event is none: \(error)" }
            throw error
        }
    }

    /// The function is given an event.
    func given(_ event: GivenEvent) {
        note { state in
            if let problem = wrong(event, state) { return problem }
            guard let window = event.window else { return nil }
            if let problem = Self.settle(window, &state) { return problem }
            let again = event.changes.first { window.counted.contains($0.sequence) }
            return again.map { "\($0.sequence) comes with a state that has counted it" }
        }
    }

    private func wrong(_ event: GivenEvent, _ state: State) -> String? {
        let changes = event.changes
        if state.isAtRest { return "all was done, and there is a call with \(changes)" }
        if let start = state.start, let old = changes.first(where: { $0.sequence <= start }) {
            return "\(old.sequence) is given, from before the mapping"
        }
        if choices.filtersDeletions, let gone = changes.first(where: { $0.event == "REMOVE" }) {
            return "\(gone.sequence) is given, which no filter lets through"
        }
        guard changes.count <= choices.batchSize else { return "\(changes.count) in a batch" }
        guard event.isInWindow(ofSeconds: choices.tumblingSeconds) else {
            return "\(changes) are not in \(event.window.map { "\($0)" } ?? "a window")"
        }
        return nil
    }

    /// The function has failed with these.
    func failed(_ changes: [GivenChange]) {
        guard let retries = choices.retries else { return }
        state.withLock { state in
            for change in changes {
                state.life.failures[change.sequence, default: 0] += 1
                guard state.life.failures[change.sequence] == retries + 1 else { continue }
                state.exhausted.insert(change.sequence)
            }
        }
    }

    /// The function has handled these, in this order.
    func handled(_ changes: [GivenChange]) {
        note { state in
            for change in changes {
                if let problem = Self.handle(change, &state) { return problem }
            }
            return nil
        }
    }

    private static func handle(_ change: GivenChange, _ state: inout State) -> String? {
        let sequence = change.sequence
        guard state.life.handled.insert(sequence).inserted else {
            return "\(sequence) was handled twice in one life"
        }
        if let before = state.handled[sequence] {
            state.life.repeated += 1
            return before == change ? nil : "\(sequence) was \(before), and is \(change)"
        }
        state.handled[sequence] = change
        let newest = state.newest[change.key]
        state.newest[change.key] = max(newest ?? sequence, sequence)
        guard let newest, newest > sequence, !state.exhausted.contains(sequence) else { return nil }
        return "\(sequence) of \(change.key) was handled behind \(newest)"
    }

    /// The bucket was told of what is given up.
    func told(_ report: [UInt8]) {
        do {
            let payload = try JSONReader.document(report).mapValue?["payload"]?.stringValue
            told(try GivenEvent(Array((payload ?? "").utf8)).changes.map(\.sequence))
        } catch {
            note { _ in "a report is none: \(error)" }
        }
    }

    /// The bucket was told that these are given up.
    func told(_ sequences: [StreamSequence]) {
        note { state in
            guard let retries = choices.retries else { return "something was given up" }
            state.told.formUnion(sequences)
            let early = sequences.first { state.life.failures[$0, default: 0] <= retries }
            return early.map { "\($0) was given up too early" }
        }
    }

    // MARK: Windows

    /// A window has ended.
    func ended(_ window: GivenEvent.Window) {
        state.withLock { $0.life.ending[window.shard, default: []].append(window) }
    }

    /// What was ended counts for good once the shard has gone on from there.
    ///
    /// The end of a window is written with the first batch of the next one; an early end, at once.
    private static func settle(_ window: GivenEvent.Window, _ state: inout State) -> String? {
        let wasEarly = state.life.ending[window.shard]?.last?.turn == .early
        return window.turn == .final || wasEarly ? settle(window.shard, &state) : nil
    }

    private static func settle(_ shard: String, _ state: inout State) -> String? {
        let ended = state.life.ending.removeValue(forKey: shard) ?? []
        for sequence in ended.flatMap(\.counted) {
            guard state.counted.insert(sequence).inserted else {
                return "\(sequence) was counted in two windows, or twice in one"
            }
        }
        return nil
    }

    // MARK: Ends

    /// The power has failed, when so many shards were read at a time.
    func endLife(shards: Int) {
        note { state in
            state.perhapsCounted.formUnion(state.endingSequences)
            defer { state.life = Life() }
            let most = choices.batchSize * choices.lanes * shards
            guard state.life.repeated > most else { return nil }
            return "\(state.life.repeated) were handled again, \(most) may be"
        }
    }

    /// All has ended in order: from now on nothing may come.
    func rest() {
        note { state in
            state.isAtRest = true
            for shard in state.life.ending.keys.sorted() {
                if let problem = Self.settle(shard, &state) { return problem }
            }
            state.life = Life()
            return nil
        }
    }

    /// What was done wrongly.
    func check() throws(Failure) {
        if let problem = state.withLock({ $0.problem }) { throw Failure(problem) }
    }

    /// The first of a stream's records that is not settled yet; nil where all are.
    func open(_ records: [ChangeRecord]) -> StreamSequence? {
        state.withLock { state in
            let start = state.start
            let counted = state.counted.union(state.perhapsCounted)
                .union(state.endingSequences)
            return records.first { record in
                start.map { $0 < record.sequence } ?? true && isMeant(record)
                    && !isSettled(record.sequence, counted, state)
            }?.sequence
        }
    }

    /// Whether no filter keeps a record from the function.
    func isMeant(_ record: ChangeRecord) -> Bool {
        !choices.filtersDeletions || record.event != .remove
    }

    private func isSettled(
        _ sequence: StreamSequence,
        _ counted: Set<StreamSequence>,
        _ state: State
    ) -> Bool {
        guard choices.retries == nil else {
            let givenUp = choices.hasDestination ? state.told : state.exhausted
            return state.handled[sequence] != nil || givenUp.contains(sequence)
        }
        // The end of a window is given up as well where there is a limit: only without one all are counted.
        let isCounted = choices.tumblingSeconds == 0 || counted.contains(sequence)
        return state.handled[sequence] != nil && isCounted
    }

    /// Compares all that was acknowledged and handled with the stream.
    func checkEnd(_ records: [ChangeRecord]) throws(Failure) {
        try check()
        let (acknowledged, handled) = state.withLock { ($0.acknowledged, $0.handled) }
        let changes = records.map { GivenChange($0) }
        let numbers = Set(changes.compactMap(\.number))
        if let lost = acknowledged.subtracting(numbers).min() {
            throw Failure("change \(lost) was acknowledged, and is not in the stream")
        }
        var there: [StreamSequence: GivenChange] = [:]
        for change in changes { there[change.sequence] = change }
        for (sequence, change) in handled.sorted(by: { $0.key < $1.key })
        where there[sequence] != change {
            let found = there[sequence].map { "\($0)" } ?? "nothing"
            throw Failure("\(change) was handled, and in the stream is \(found)")
        }
        if let open = open(records) { throw Failure("\(open) was passed over") }
    }
}
