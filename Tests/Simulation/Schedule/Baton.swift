/// The right to run, which one thread of a simulated world has at a time.

internal import Dispatch
internal import Foundation
internal import Synchronization

/// Where a thread waits for the right to run.
///
/// What it is handed comes from the thread that has the right and gives it up in this moment.
final class Baton: Sendable {
    enum Message: Sendable {
        /// Go on behind the gate.
        case goOn
        /// Choose what runs next, in the place of a thread that waits.
        case drive(SimulatedScheduler)
        /// The goal of the thread that started it all is reached, or cannot be.
        case outcome(SimulatedScheduler.Outcome)
    }

    private let semaphore = DispatchSemaphore(value: 0)
    private let message = Mutex<Message?>(nil)

    func hand(_ message: Message) {
        self.message.withLock { $0 = message }
        semaphore.signal()
    }

    func wait() -> Message {
        semaphore.wait()
        guard let message = message.withLock({ $0.take() }) else {
            preconditionFailure("a baton comes with a message")
        }
        return message
    }
}

/// Threads that drive a world while others of its threads wait at gates; shared by all worlds.
enum Drivers {
    private static let idle = Mutex<[Baton]>([])

    /// Lets another thread drive from now on.
    static func drive(_ scheduler: SimulatedScheduler) {
        if let baton = idle.withLock({ $0.popLast() }) { return baton.hand(.drive(scheduler)) }
        let thread = Thread {
            let own = Baton()
            var scheduler: SimulatedScheduler? = scheduler
            while true {
                scheduler?.driveAsWorker { idle.withLock { $0.append(own) } }
                scheduler = nil
                guard case .drive(let next) = own.wait() else {
                    preconditionFailure("a driver is only asked to drive")
                }
                scheduler = next
            }
        }
        thread.stackSize = 1 << 20
        thread.start()
    }
}
