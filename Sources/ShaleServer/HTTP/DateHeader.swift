internal import ShaleWire
internal import Synchronization

/// The value of the `Date` header, written once a second.
final class DateHeader: Sendable {
    private struct State {
        var second: Int64 = .min
        var text = ""
    }

    private let state = Mutex(State())

    /// The value at a moment of the wall clock.
    func text(wallMilliseconds: Int64) -> String {
        let second = wallMilliseconds / 1_000
        return state.withLock { state in
            if state.second != second {
                state = State(second: second, text: CivilDate(seconds: second).httpText)
            }
            return state.text
        }
    }
}
