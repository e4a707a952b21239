internal import NIOCore
package import ShaleFunctions
internal import Synchronization

/// An environment that is a process of the operating system.
package final class ProcessEnvironment: FunctionEnvironment {
    /// The stream of the log that its lines go to.
    package let stream: String
    private let core: NIOLoopBound<EnvironmentCore>
    private let loop: any EventLoop
    private let life: Life

    /// Whether an environment lives, for those who are not on its loop.
    final class Life: Sendable {
        private let isGone = Atomic(false)

        var isAlive: Bool { !isGone.load(ordering: .acquiring) }
        func end() { isGone.store(true, ordering: .releasing) }
    }

    init(stream: String, _ core: NIOLoopBound<EnvironmentCore>, _ loop: any EventLoop, _ life: Life)
    {
        self.stream = stream
        self.core = core
        self.loop = loop
        self.life = life
    }

    /// Whether it can run another invocation.
    package var isAlive: Bool { life.isAlive }

    /// Runs an invocation to its end.
    package func invoke(
        _ invocation: Invocation,
        into stream: AnswerStream?
    ) async -> InvocationOutcome {
        await withCheckedContinuation { caller in
            onLoop { $0.invoke(invocation, stream, caller) }
        }
    }

    /// Waits until it has initialised; false where it could not.
    package func isInitialised() async -> Bool {
        await withCheckedContinuation { caller in
            onLoop { $0.whenInitialised { caller.resume(returning: $0) } }
        }
    }

    /// Ends it.
    package func stop() { onLoop { $0.stop() } }

    private func onLoop(_ body: @escaping @Sendable (EnvironmentCore) -> Void) {
        let core = core
        if loop.inEventLoop { return body(core.value) }
        loop.execute { body(core.value) }
    }
}
