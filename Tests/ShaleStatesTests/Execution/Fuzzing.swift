import ShaleJSON

@testable import ShaleStates

/// A generator that one seed determines.
struct SeededGenerator: RandomNumberGenerator {
    private let stream: RandomStream

    init(seed: UInt64) {
        stream = RandomStream(seed: seed)
    }

    mutating func next() -> UInt64 { stream.next() }
}

/// What is done to executions at random.
enum Fuzzing {
    /// Gives a state events that may or may not concern it.
    static func goOn(_ state: inout ExecutionState, steps: Int, _ random: inout SeededGenerator) {
        var now = state.context.startTime
        for _ in 0..<steps where state.status == .running {
            let event = event(&random, numbers: state.lastNumber + 2)
            now += Int64.random(in: 0...100_000, using: &random)
            _ = state.handle(event, at: now, entropy: random.next())
        }
        if state.status != .running, Bool.random(using: &random) {
            _ = state.handle(.redrive, at: now, entropy: random.next())
        }
    }

    private static func event(_ random: inout SeededGenerator, numbers: Int) -> ExecutionEvent {
        let number = Int.random(in: 0..<numbers, using: &random)
        let task = TaskID(number)
        let index = Int.random(in: -1...4, using: &random)
        let value = JSONValue.array([.integer(Int64(index)), .string("x")])
        switch Int.random(in: 0..<18, using: &random) {
        case 0: return .start
        case 1: return .proceed
        case 2: return .taskStarted(task, workerName: "w")
        case 3: return .taskSubmitted(task, output: value)
        case 4: return .taskSucceeded(task, output: value)
        case 5: return .taskFailed(task, error: "E", cause: nil)
        case 6: return .taskNotStarted(task, error: nil, cause: "c")
        case 7: return .taskHeartbeat(task)
        case 8: return .taskTimedOut(task)
        case 9: return .itemsRead(task, items: [.null, value])
        case 10: return .itemsFailed(task, cause: "c")
        case 11: return .childSucceeded(task, index: index, output: value)
        case 12: return .childFailed(task, index: index, error: "E", cause: nil)
        case 13: return .resultsWritten(task, output: value)
        case 14: return .resultsFailed(task, cause: "c")
        case 15:
            return .mapRunUpdated(
                task,
                maxConcurrency: 2,
                toleratedCount: 1,
                toleratedPercentage: nil
            )
        case 16 where index == 0: return .stop(error: nil, cause: nil)
        default: return .timerFired(TimerID(number))
        }
    }
}
