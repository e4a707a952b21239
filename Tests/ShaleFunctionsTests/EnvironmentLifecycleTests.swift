import ShaleFunctions
import Testing

/// What an environment does at each turn of its life, without processes and without waiting.
@Suite struct EnvironmentLifecycleTests {
    private typealias Command = EnvironmentLifecycle.Command

    private func started() -> EnvironmentLifecycle {
        EnvironmentLifecycle(now: 0, initialisationLimit: 10, freezesAfter: 3)
    }

    private func idle() -> EnvironmentLifecycle {
        var life = started()
        _ = life.handle(.asked, now: 2)
        _ = life.handle(.timer, now: 5)
        return life
    }

    private func busy() -> EnvironmentLifecycle {
        var life = idle()
        _ = life.handle(.invoke(limit: 5), now: 10)
        return life
    }

    @Test func `without work a process that has initialised is frozen after a moment, once`() {
        var life = started()
        #expect(life.handle(.asked, now: 2) == [.setTimer(5)])
        #expect(life.phase == .idle)
        #expect(life.initialisation == 2)
        #expect(life.handle(.timer, now: 4).isEmpty)
        #expect(life.handle(.timer, now: 5) == [.freeze])
        #expect(life.handle(.timer, now: 6).isEmpty)
    }

    @Test func `work that comes within the moment finds a process that is not frozen`() {
        var life = started()
        _ = life.handle(.asked, now: 2)
        #expect(life.handle(.invoke(limit: 5), now: 4) == [.setTimer(9), .deliver])
        #expect(life.handle(.timer, now: 5).isEmpty)
    }

    @Test func `an invocation waits for the end of initialising, and its time begins then`() {
        var life = started()
        #expect(life.handle(.invoke(limit: 5), now: 1).isEmpty)
        #expect(!life.isFree)
        #expect(life.handle(.asked, now: 4) == [.setTimer(9), .deliver])
    }

    @Test func `a frozen process is thawed before it is given work`() {
        var life = idle()
        #expect(life.handle(.invoke(limit: 5), now: 10) == [.thaw, .setTimer(15), .deliver])
    }

    @Test func `an answer frees the environment, and the next question sets when it freezes`() {
        var life = busy()
        #expect(life.handle(.responded, now: 12) == [.answer(.responded)])
        #expect(life.isFree)
        #expect(life.handle(.asked, now: 13) == [.setTimer(16)])
    }

    @Test func `work that comes before the next question is given with it`() {
        var life = busy()
        _ = life.handle(.failed, now: 12)
        #expect(life.handle(.invoke(limit: 5), now: 12) == [.setTimer(17)])
        #expect(life.handle(.asked, now: 13) == [.setTimer(18), .deliver])
    }

    @Test func `a process that has answered and does not ask for more in its time ends`() {
        var life = busy()
        _ = life.handle(.responded, now: 12)
        #expect(life.handle(.timer, now: 14).isEmpty)
        #expect(life.handle(.timer, now: 15) == [.clearTimer, .kill])
        #expect(life.phase == .gone)
    }

    @Test func `work for a process that does not ask for it is answered when its own time is over`()
    {
        var life = busy()
        _ = life.handle(.responded, now: 12)
        _ = life.handle(.invoke(limit: 5), now: 14)
        #expect(life.handle(.timer, now: 15).isEmpty)
        #expect(life.handle(.timer, now: 19) == [.clearTimer, .kill, .answer(.timedOut)])
    }

    @Test(arguments: [
        (EnvironmentLifecycle.Event.timer, UInt64(15), EnvironmentLifecycle.Ending.timedOut),
        (.exited, 11, .exited),
        (.outgrew, 11, .outgrew),
        (.asked, 11, .exited),
        (.stop, 11, .exited),
    ])
    func `what ends a busy process answers its invocation and kills`(
        event: EnvironmentLifecycle.Event,
        now: UInt64,
        ending: EnvironmentLifecycle.Ending
    ) {
        var life = busy()
        #expect(life.handle(event, now: now) == [.clearTimer, .kill, .answer(ending)])
        #expect(life.phase == .gone)
        #expect(life.handle(event, now: now).isEmpty)
    }

    @Test(arguments: [
        (
            EnvironmentLifecycle.Event.timer, UInt64(10),
            EnvironmentLifecycle.Ending.initialisationTimedOut
        ),
        (.initialisationFailed, 3, .initialisationFailed),
        (.exited, 3, .exited),
    ])
    func `an invocation is told why its environment did not initialise`(
        event: EnvironmentLifecycle.Event,
        now: UInt64,
        ending: EnvironmentLifecycle.Ending
    ) {
        var life = started()
        _ = life.handle(.invoke(limit: 5), now: 1)
        #expect(life.handle(event, now: now) == [.clearTimer, .kill, .answer(ending)])
        #expect(life.fate == ending)
    }

    @Test func `the time to initialise begins with the process, not with what it needs`() {
        var life = started()
        life.processStarted(now: 40)
        #expect(life.initialisationDeadline == 50)
        #expect(life.handle(.timer, now: 49).isEmpty)
        #expect(life.handle(.asked, now: 49) == [.setTimer(52)])
        #expect(life.initialisation == 9)
    }

    @Test func `what ended it after it had initialised is not told to who comes later`() {
        var life = busy()
        _ = life.handle(.timer, now: 15)
        #expect(life.phase == .gone)
        #expect(life.fate == .exited)
    }

    @Test func `a second answer and an early timer are passed over`() {
        var life = busy()
        #expect(life.handle(.timer, now: 14).isEmpty)
        _ = life.handle(.responded, now: 14)
        #expect(life.handle(.responded, now: 14).isEmpty)
    }
}
