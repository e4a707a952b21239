import Testing

@testable import ShaleStateMachines

/// Who is waited for before a machine goes.
@Suite struct MachineDeletionsTests {
    /// What happens to one machine; those that answer have the answer that they must have.
    enum Step {
        case begin
        case look(Bool)
        case wait(String, Bool)
        case giveUp
        case ended(String, Bool)
        case end
    }

    /// In which order, and whether the machine is being deleted then.
    @Test(
        arguments: [
            // The end of the one that is waited for is the time to look, and no other.
            (
                [
                    .begin, .ended("a", false), .look(true), .wait("a", true), .ended("b", false),
                    .ended("a", true),
                ], true
            ),
            // One looks at a time; one who could not is followed by another.
            ([.look(false)], false),
            ([.begin, .look(true), .look(false), .begin, .look(false)], true),
            ([.begin, .look(true), .giveUp, .look(true)], true),
            // One that ends while it is found is not waited for.
            (
                [
                    .begin, .look(true), .ended("a", false), .ended("b", false), .wait("b", false),
                    .wait("c", true), .ended("c", true),
                ], true
            ),
            ([.begin, .look(true), .end, .ended("a", false), .look(false)], false),
            ([.begin, .end, .giveUp], false),
        ] as [([Step], Bool)]
    )
    func `a machine waits for one execution after the other`(steps: [Step], isHeld: Bool) {
        var deletions = MachineDeletions()
        for (number, step) in steps.enumerated() {
            let isRight: Bool
            switch step {
            case .begin:
                deletions.begin("m")
                isRight = true
            case .giveUp:
                deletions.giveUpLook("m")
                isRight = true
            case .end:
                deletions.end("m")
                isRight = true
            case .look(let wanted): isRight = deletions.look("m") == wanted
            case .wait(let execution, let wanted):
                isRight = deletions.wait(for: execution, of: "m") == wanted
            case .ended(let execution, let wanted):
                isRight = deletions.ended(execution, of: "m") == wanted
            }
            #expect(isRight, "the step \(number)")
        }
        #expect(deletions.holds("m") == isHeld)
        #expect(!deletions.holds("other"))
    }
}
