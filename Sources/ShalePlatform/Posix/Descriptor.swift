/// An open file descriptor that may be closed while other threads are inside a call on it.
///
/// A descriptor's number is given to the next file that is opened, so closing it under a running
/// call could send that call's bytes into another file. Every call is therefore counted in and out,
/// without a lock, and the last one out closes the file when somebody has asked for it meanwhile.

internal import Synchronization

/// A descriptor and the calls that are inside.
struct Descriptor: ~Copyable {
    private let number: Int32
    /// Twice the calls inside, and one more once closing was asked for.
    private let uses = Atomic<Int>(0)

    init(_ number: Int32) { self.number = number }

    /// Makes a call with the number, or answers nil when the file is closed.
    @inline(__always)
    func use<Answer>(
        _ call: (Int32) throws(SystemFailure) -> Answer
    ) throws(SystemFailure) -> Answer? {
        guard enter() else { return nil }
        defer { leave() }
        return try call(number)
    }

    /// Closes now, or when the last call has left; a second time does nothing.
    func close() {
        let before = uses.bitwiseOr(1, ordering: .acquiringAndReleasing).oldValue
        if before == 0 { SystemCalls.closeFile(number) }
    }

    private func enter() -> Bool {
        var seen = uses.load(ordering: .relaxed)
        while seen & 1 == 0 {
            let (exchanged, original) = uses.compareExchange(
                expected: seen,
                desired: seen + 2,
                ordering: .acquiringAndReleasing
            )
            if exchanged { return true }
            seen = original
        }
        return false
    }

    private func leave() {
        let after = uses.subtract(2, ordering: .acquiringAndReleasing).newValue
        if after == 1 { SystemCalls.closeFile(number) }
    }

    deinit { close() }
}
