internal import Synchronization

/// What was unpublished and waits until no reader can see it any more.
///
/// Freed in order; bounded by what readers hold back, since every call frees what it can.
package final class Retirement: Sendable {
    /// Something to let go of.
    package enum Retired: Sendable {
        /// A reference that was published: the last one, or one of several.
        case object(any AnyObject & Sendable)
        case frame(Frame)
    }

    /// Whether the caller may spend time on freeing.
    package enum Mode: Sendable {
        case collecting, later
    }

    private struct Waiting: Sendable {
        var epoch: UInt64
        var retired: Retired
    }

    private struct State: Sendable {
        /// Oldest first.
        var waiting: [Waiting] = []
        var frameBytes = 0
    }

    /// More than this are not kept without looking whether they can go.
    private static let batchCount = 32

    private let slots: EpochSlots
    private let state = Mutex(State())

    /// Nothing waits yet.
    package init(_ slots: EpochSlots) { self.slots = slots }

    deinit {
        // Nobody reads any more: readers hold what owns this.
        Self.free(state.withLock { $0.waiting })
    }

    /// Bytes of blocks that are not freed yet.
    package var frameBytes: Int { state.withLock { $0.frameBytes } }

    /// Whether nothing waits.
    package var isEmpty: Bool { state.withLock { $0.waiting.isEmpty } }

    /// Takes over what was just unpublished; `collect` frees it.
    ///
    /// With `.collecting` this frees by itself what has gathered, so that nobody else has to.
    package func retire(_ retired: Retired, _ mode: Mode = .collecting) {
        let epoch = slots.advance()
        let mustCollect = state.withLock { state in
            state.waiting.append(Waiting(epoch: epoch, retired: retired))
            if case .frame(let frame) = retired { state.frameBytes += frame.chargeBytes }
            return state.waiting.count >= Self.batchCount
        }
        if mustCollect, mode == .collecting { collect() }
    }

    /// Frees what no reader can see.
    package func collect() {
        let freed = state.withLock { state -> [Waiting] in
            guard !state.waiting.isEmpty else { return [] }
            let ended = slots.endedThrough()
            let count = state.waiting.firstIndex { $0.epoch > ended } ?? state.waiting.count
            let freed = Array(state.waiting[..<count])
            state.waiting.removeFirst(count)
            for waiting in freed {
                if case .frame(let frame) = waiting.retired {
                    state.frameBytes -= frame.chargeBytes
                }
            }
            return freed
        }
        // Outside the lock: what ends with an object may come back here.
        Self.free(freed)
    }

    private static func free(_ freed: [Waiting]) {
        for waiting in freed {
            if case .frame(let frame) = waiting.retired { frame.free() }
        }
    }
}
