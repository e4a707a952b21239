import Foundation

/// Runs something on a thread of its own with a large stack: debug builds take several times as much as others.
func onDeepStack<Result: Sendable>(
    _ body: @escaping @Sendable () -> Result
) async -> Result {
    await withCheckedContinuation { continuation in
        let thread = Thread { continuation.resume(returning: body()) }
        thread.stackSize = 64 * 1024 * 1024
        thread.start()
    }
}
