internal import ShaleItems
internal import ShaleTables
internal import Synchronization

/// Items that all clients use, and all calls on them since they were last known for sure.
///
/// What came back must be what one item that does one call after the other could have answered. What a crash
/// left is one more read: in the order it lies behind all that must have survived.
final class SharedItems: Sendable {
    /// A call or, without one, something that was seen to be there.
    enum Content: Sendable {
        case call(ItemCall, ItemCall.Answer?)
        case seen(Item?)
    }

    private struct State {
        var base: [ItemKey: Item] = [:]
        var calls: [ItemKey: [Linearizability.Call<Content>]] = [:]
    }

    private let state = Mutex(State())

    /// What is known for sure.
    var base: [ItemKey: Item] { state.withLock { $0.base } }

    /// A call begins; answers its number, for `end`.
    func begin(_ call: ItemCall, at moment: Int) -> Int {
        state.withLock { state in
            let new = Linearizability.Call(begin: moment, end: nil, Content.call(call, nil))
            state.calls[call.key, default: []].append(new)
            return (state.calls[call.key]?.count ?? 0) - 1
        }
    }

    func end(_ call: ItemCall, _ number: Int, _ answer: ItemCall.Answer, at moment: Int) {
        state.withLock { state in
            state.calls[call.key]?[number].end = moment
            state.calls[call.key]?[number].content = .call(call, answer)
        }
    }

    /// Somebody saw the item between two moments.
    func saw(_ key: ItemKey, _ item: Item?, from begin: Int, to end: Int) {
        state.withLock { state in
            state.calls[key, default: []].append(
                Linearizability.Call(begin: begin, end: end, .seen(item))
            )
        }
    }

    /// How many calls there were.
    var callCount: Int { state.withLock { $0.calls.values.reduce(0) { $0 + $1.count } } }

    /// All items that were used.
    var keys: Set<ItemKey> { state.withLock { Set($0.calls.keys).union($0.base.keys) } }

    /// Compares what was found after a crash, and all answers before it, with what may be; takes what was found
    /// for sure from now on.
    ///
    /// - Parameters:
    ///   - found: the shared items.
    ///   - keepsBuffered: whether `.buffered` writes must have survived as well.
    ///   - isAllSynced: whether there were none.
    /// - Throws: the call that fits nowhere.
    func settle(
        _ found: [ItemKey: Item],
        keepsBuffered: Bool,
        isAllSynced: Bool
    ) throws(Failure) {
        let calls = state.withLock { $0.calls }
        let base = base
        for key in Set(calls.keys).union(found.keys).union(base.keys) {
            var history = calls[key] ?? []
            // What a crash left is one more read: in the order behind all that must have survived. What ended
            // earlier than those, but was not synced, may lie behind it all the same.
            let survived = history.filter { call in
                call.end != nil
                    && (keepsBuffered || isAllSynced || Self.isSyncedWrite(call.content))
            }
            history.append(
                Linearizability.Call(
                    begin: -1,
                    end: .max,
                    .seen(found[key]),
                    follows: survived.map(\.begin)
                )
            )
            try Self.check(key, history, base[key])
        }
        state.withLock { $0 = State(base: found) }
    }

    private static func isSyncedWrite(_ content: Content) -> Bool {
        guard case .call(let call, .done?) = content else { return false }
        return call.isWrite && call.isSynced
    }

    /// Checks the calls on one item.
    static func check(
        _ key: ItemKey,
        _ history: [Linearizability.Call<Content>],
        _ base: Item?
    ) throws(Failure) {
        let problem = Linearizability.problem(of: history, from: base) { item, content in
            step(item, content)
        }
        guard let problem else { return }
        throw Failure(
            "no order explains what was answered of \(key): after \(problem.ordered) of \(history.count)"
                + " calls nothing fits \(words(problem.stuck)); all: "
                + history.sorted { $0.begin < $1.begin }.map {
                    "[\($0.begin), \($0.end.map { "\($0)" } ?? "-")] \(words($0.content))"
                }.joined(separator: "; ")
        )
    }

    /// The item after a call that was answered so; nil where the model answers something else.
    private static func step(_ item: Item?, _ content: Content) -> Item?? {
        switch content {
        case .seen(let seen): return seen == item ? .some(item) : nil
        case .call(let call, let answer):
            let outcome = call.outcome(of: item)
            guard let answer, answer != outcome.answer else { return .some(outcome.item) }
            return outcome.mayBeRefused && answer == .refused ? .some(item) : nil
        }
    }

    static func words(_ content: Content) -> String {
        switch content {
        case .seen(let item): "seen \(item?.words ?? "nothing")"
        case .call(let call, let answer): "\(call.words) \(answer.map { "→ \($0.words)" } ?? "?")"
        }
    }
}

extension ItemCall {
    /// The call in a line.
    var words: String {
        var words: String
        switch change {
        case .get: words = "get"
        case .put(let item): words = "put \(item.words)"
        case .delete: words = "delete"
        case .update(let steps):
            var text = ExpressionWords()
            let update = UpdateStep.text(steps, &text) ?? "nothing"
            words = "update \(text.filled(update))"
        }
        words += " at \(key)"
        if let condition {
            var text = ExpressionWords()
            let condition = condition.text(&text)
            words += " if \(text.filled(condition))"
        }
        return words + (isSynced ? "" : " buffered") + (returns == .none ? "" : " \(returns)")
    }
}

extension ItemCall.Answer {
    /// The answer in a line.
    var words: String {
        switch self {
        case .done(let item): item.map { "done \($0.words)" } ?? "done"
        case .conditionFailed(let item): "condition failed" + (item.map { " \($0.words)" } ?? "")
        case .refused: "refused"
        }
    }
}
