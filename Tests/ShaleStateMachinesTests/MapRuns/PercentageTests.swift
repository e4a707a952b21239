import ShaleItems
import Testing

@testable import ShaleStateMachines

@Suite struct PercentageTests {
    @Test(
        arguments: [
            (0, "0"), (100, "100"), (12.5, "12.5"), (1e-5, "0.00001"), (1e-300, "0"),
        ] as [(Double, String)]
    )
    func `any percentage is kept, the smallest as zero`(value: Double, number: String) throws {
        #expect(AttributeValue.percentage(value) == .number(try Number(number)))
    }
}
