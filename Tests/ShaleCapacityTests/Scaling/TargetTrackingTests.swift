import ShaleCapacity
import Testing

@Suite struct TargetTrackingTests {
    static let policy = TargetTracking.Policy(targetPercent: 70, minimum: 5, maximum: 200)

    static func tracking(_ minutes: [Double]) -> TargetTracking {
        var tracking = TargetTracking()
        for minute in minutes { tracking.note(unitsPerSecond: minute) }
        return tracking
    }

    @Test(
        arguments: [
            // The load of every minute, the capacity, and what is done.
            ([], 100, .stay), ([80], 100, .stay), ([80, 80], 100, .scaleOut(to: 115)),
            ([80, 90], 100, .scaleOut(to: 129)), ([90, 80], 100, .scaleOut(to: 129)),
            ([80, 60], 100, .stay), ([60, 80, 80], 100, .scaleOut(to: 115)),
            ([70, 70], 100, .stay), ([500, 500], 100, .scaleOut(to: 200)),
            ([500, 500], 200, .stay),
            (Array(repeating: 20, count: 14), 100, .stay),
            (Array(repeating: 20, count: 15), 100, .scaleIn(to: 29)),
            (Array(repeating: 51, count: 15), 100, .stay),
            (Array(repeating: 49, count: 15), 100, .scaleIn(to: 70)),
            (Array(repeating: 20, count: 14) + [60], 100, .stay),
            ([40] + Array(repeating: 20, count: 14), 100, .scaleIn(to: 58)),
            (Array(repeating: 0, count: 15), 100, .scaleIn(to: 5)),
            (Array(repeating: 0, count: 15), 5, .stay),
            ([], 3, .fit(to: 5)), ([], 300, .fit(to: 200)),
        ] as [([Double], Int, TargetTracking.Decision)]
    )
    func `two minutes above the target raise it, fifteen well below lower it`(
        minutes: [Double],
        capacity: Int,
        decision: TargetTracking.Decision
    ) {
        let decided = Self.tracking(minutes)
            .decide(Self.policy, capacity: capacity, nowSeconds: 0)
        #expect(decided == decision)
    }

    @Test(
        arguments: [(59, .stay), (60, .scaleOut(to: 115))] as [(Int64, TargetTracking.Decision)]
    )
    func `after a raise the next waits for the cool-down`(
        seconds: Int64,
        decision: TargetTracking.Decision
    ) {
        var policy = Self.policy
        policy.scaleOutCooldownSeconds = 60
        var tracking = Self.tracking([40, 40])
        let first = tracking.decide(policy, capacity: 50, nowSeconds: 1_000)
        #expect(first == .scaleOut(to: 58))
        tracking.did(first, nowSeconds: 1_000)
        for _ in 0..<2 { tracking.note(unitsPerSecond: 80) }
        #expect(tracking.decide(policy, capacity: 58, nowSeconds: 1_000 + seconds) == decision)
    }

    @Test func `after a lowering the next waits for its own cool-down, and a raise does not`() {
        var policy = Self.policy
        policy.scaleInCooldownSeconds = 3_600
        var tracking = Self.tracking(Array(repeating: 20, count: 15))
        let first = tracking.decide(policy, capacity: 100, nowSeconds: 0)
        tracking.did(first, nowSeconds: 0)
        for _ in 0..<15 { tracking.note(unitsPerSecond: 5) }
        #expect(tracking.decide(policy, capacity: 29, nowSeconds: 900) == .stay)
        #expect(tracking.decide(policy, capacity: 29, nowSeconds: 3_600) == .scaleIn(to: 8))
        for _ in 0..<2 { tracking.note(unitsPerSecond: 25) }
        #expect(tracking.decide(policy, capacity: 29, nowSeconds: 1_000) == .scaleOut(to: 36))
    }

    @Test func `what is suspended is not done`() {
        var policy = Self.policy
        policy.scalesIn = false
        let idle = Self.tracking(Array(repeating: 0, count: 15))
        #expect(idle.decide(policy, capacity: 100, nowSeconds: 0) == .stay)
        #expect(idle.decide(policy, capacity: 300, nowSeconds: 0) == .stay)
        policy.scalesOut = false
        let busy = Self.tracking([200, 200])
        #expect(busy.decide(policy, capacity: 100, nowSeconds: 0) == .stay)
    }

    @Test func `what was done is not wanted again`() {
        for load in [10.0, 33, 80, 139] {
            let tracking = Self.tracking(Array(repeating: load, count: 15))
            var capacity = 60
            switch tracking.decide(Self.policy, capacity: capacity, nowSeconds: 0) {
            case .scaleOut(let new), .scaleIn(let new), .fit(let new): capacity = new
            case .stay: break
            }
            #expect(tracking.decide(Self.policy, capacity: capacity, nowSeconds: 60) == .stay)
        }
    }
}
