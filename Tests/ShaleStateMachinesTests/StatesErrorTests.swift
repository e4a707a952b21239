import Testing

@testable import ShaleStateMachines

@Suite struct StatesErrorTests {
    @Test func `an error carries the name that clients know it by`() {
        let error = StatesError(.executionDoesNotExist, "Execution Does Not Exist: 'x'")
        #expect(error.code.rawValue == "ExecutionDoesNotExist")
        #expect(error.message.contains("'x'"))
    }

    @Test(arguments: [
        (StatesError.Code.executionAlreadyExists, "ExecutionAlreadyExistsException"),
        (.validation, "ValidationException"),
    ])
    func `tasks fail with the name that ends with Exception, once`(
        code: StatesError.Code,
        name: String
    ) {
        #expect(code.exceptionName == name)
    }
}
