internal import ShalePlatform
internal import Synchronization

/// The line of the `Date` header, written once a second.
final class DateHeader: Sendable {
    private struct State {
        var second: Int64 = .min
        var line: [UInt8] = []
    }

    private let state = Mutex(State())

    /// The line, with its end, at a moment of the wall clock.
    func line(wallMilliseconds: Int64) -> [UInt8] {
        let second = wallMilliseconds / 1_000
        return state.withLock { state in
            if state.second != second {
                let text = "Date: \(CivilDate(seconds: second).httpText)\r\n"
                state = State(second: second, line: Array(text.utf8))
            }
            return state.line
        }
    }
}
