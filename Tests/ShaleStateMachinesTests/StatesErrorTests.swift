import ShaleStateMachines
import Testing

@Suite struct StatesErrorTests {
    @Test func `an error carries the name that clients know it by`() {
        let error = StatesError(.executionDoesNotExist, "Execution Does Not Exist: 'x'")
        #expect(error.code.rawValue == "ExecutionDoesNotExist")
        #expect(error.message.contains("'x'"))
    }
}
