/// The life of an environment as a value: what happened, to what must be done.
///
///     initialising → idle ⇄ busy → finishing → idle
///            ↓            ↓           ↓         ↓
///            └──────────── gone: killed or ended ┘
///
/// `finishing` has answered and not yet asked for more, for which it has the rest of its time. `idle` is frozen after a moment: an environment that gets one
/// invocation after the other is not stopped and woken between them. One invocation at a time; the one that is given to an
/// environment that initialises or finishes waits for it. Knows neither processes nor clocks: time is an argument.
package struct EnvironmentLifecycle: Sendable {
    /// What happened.
    package enum Event: Sendable, Equatable {
        /// An invocation is to run, and may take so many nanoseconds.
        case invoke(limit: UInt64)
        /// The process asks for an invocation.
        case asked
        /// The process has answered the invocation that it has.
        case responded
        /// The process has told an error of the invocation that it has.
        case failed
        /// The process has told that it could not initialise.
        case initialisationFailed
        /// The process is gone.
        case exited
        /// The time that was asked for has come.
        case timer
        /// The process holds more memory than it may.
        case outgrew
        /// Nobody needs it any more.
        case stop
    }

    /// What must be done, in this order.
    package enum Command: Sendable, Equatable {
        case freeze, thaw, kill, deliver
        case answer(Ending)
        case setTimer(UInt64)
        case clearTimer
    }

    /// How an invocation ended.
    package enum Ending: Sendable, Equatable {
        case responded, failed, timedOut, exited, outgrew
        case initialisationFailed, initialisationTimedOut
    }

    /// Where it is.
    package enum Phase: Sendable, Equatable {
        case initialising, idle, busy, finishing, gone
    }

    /// Where it is.
    package private(set) var phase = Phase.initialising
    /// Whether an invocation has been given and is not answered.
    package private(set) var isOwed = false
    /// How long initialising took; nil while it is not over.
    package private(set) var initialisation: UInt64?
    /// When the invocation began that runs or ran last.
    package private(set) var began: UInt64 = 0
    /// What an invocation is told that comes after the end.
    package private(set) var fate = Ending.exited
    private var limit: UInt64 = 0
    private var start: UInt64
    private let initialisationLimit: UInt64
    private let freezesAfter: UInt64
    /// When it is to be frozen; nil while it is not idle, and once it is frozen.
    private var freezing: UInt64?

    /// A process that is to be started.
    ///
    /// - Parameters:
    ///   - now: Nanoseconds on the clock of all events.
    ///   - initialisationLimit: Nanoseconds that initialising may take.
    ///   - freezesAfter: Nanoseconds without an invocation after which it is frozen.
    package init(now: UInt64, initialisationLimit: UInt64, freezesAfter: UInt64) {
        start = now
        began = now
        self.initialisationLimit = initialisationLimit
        self.freezesAfter = freezesAfter
    }

    /// The process has been started: its time to initialise begins.
    ///
    /// What had to be made ready for it may have taken longer than it has.
    package mutating func processStarted(now: UInt64) {
        start = now
        began = now
    }

    /// When initialising has taken too long.
    package var initialisationDeadline: UInt64 { start + initialisationLimit }

    /// Whether an invocation may be given.
    package var isFree: Bool { phase != .gone && !isOwed }

    /// Takes note of what happened.
    ///
    /// - Returns: What must be done.
    package mutating func handle(_ event: Event, now: UInt64) -> [Command] {
        guard phase != .gone else { return [] }
        switch event {
        case .invoke(let limit):
            precondition(!isOwed, "an environment runs one invocation at a time")
            isOwed = true
            self.limit = limit
            guard phase == .idle else { return phase == .finishing ? waited(from: now) : [] }
            let isFrozen = freezing == nil
            freezing = nil
            return (isFrozen ? [.thaw] : []) + deliver(now)
        case .asked: return asked(now)
        case .responded: return ended(.responded)
        case .failed: return ended(.failed)
        case .initialisationFailed: return end(.initialisationFailed)
        case .exited: return end(.exited)
        case .timer:
            switch phase {
            case .busy where now >= began + limit: return end(.timedOut)
            // Nobody is told where nobody waits.
            case .finishing where now >= began + limit: return end(.timedOut)
            case .initialising where now >= initialisationDeadline:
                return end(.initialisationTimedOut)
            case .idle: return freeze(now)
            default: return []
            }
        case .outgrew: return end(.outgrew)
        case .stop: return end(.exited)
        }
    }

    private mutating func asked(_ now: UInt64) -> [Command] {
        switch phase {
        case .initialising:
            initialisation = now - start
        case .finishing: break
        // A process that asks twice, or asks instead of answering, breaks the protocol.
        case .idle: return []
        case .busy: return end(.exited)
        case .gone: return []
        }
        guard isOwed else {
            phase = .idle
            freezing = now + freezesAfter
            return [.setTimer(now + freezesAfter)]
        }
        return deliver(now)
    }

    private mutating func freeze(_ now: UInt64) -> [Command] {
        guard let due = freezing, now >= due else { return [] }
        freezing = nil
        return [.freeze]
    }

    private mutating func deliver(_ now: UInt64) -> [Command] {
        phase = .busy
        began = now
        return [.setTimer(now + limit), .deliver]
    }

    /// Work waits for a process that has answered and not asked: its time begins, for the case that it never asks.
    private mutating func waited(from now: UInt64) -> [Command] {
        began = now
        return [.setTimer(now + limit)]
    }

    private mutating func ended(_ ending: Ending) -> [Command] {
        guard phase == .busy else { return [] }
        phase = .finishing
        isOwed = false
        return [.answer(ending)]
    }

    private mutating func end(_ ending: Ending) -> [Command] {
        phase = .gone
        if ending == .initialisationFailed || ending == .initialisationTimedOut { fate = ending }
        let answer: [Command] = isOwed ? [.answer(ending)] : []
        isOwed = false
        return [.clearTimer, .kill] + answer
    }
}
