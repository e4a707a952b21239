import Dispatch
import Foundation
import ShaleItems
import Synchronization
import Testing

@testable import ShaleExpressions

@Suite struct StackTests {
    /// Twice the stack of secondary threads on macOS: frames of debug builds are that much larger.
    static let stackSizeBytes = 1024 * 1024

    @Test(arguments: [
        String(repeating: "(NOT ", count: 32) + "a=:v" + String(repeating: ")", count: 32),
        String(repeating: "NOT ", count: 64) + "a=:v",
        String(repeating: "(a=:v AND ", count: 64) + "a=:v" + String(repeating: ")", count: 64),
    ])
    func `the deepest condition fits the stack of a small thread`(text: String) {
        let isSatisfied = Self.onSmallThread {
            try? Condition.parse(text, values: [":v": 1]).isSatisfied(by: ["a": 1])
        }
        #expect(isSatisfied == true)
    }

    @Test func `the deepest update fits the stack of a small thread`() {
        let text =
            "SET a = " + String(repeating: "if_not_exists(a,", count: 64) + ":v"
            + String(repeating: ")", count: 64)
        let item = Self.onSmallThread {
            try? Update.parse(text, values: [":v": 1]).apply(to: [:]).item
        }
        #expect(item == ["a": 1])
    }

    static func onSmallThread<Answer: Sendable>(
        _ body: @escaping @Sendable () -> Answer?
    ) -> Answer? {
        let answer = Shared<Answer>()
        let thread = Thread {
            let value = body()
            answer.value.withLock { $0 = value }
            answer.isDone.signal()
        }
        thread.stackSize = Self.stackSizeBytes
        thread.start()
        answer.isDone.wait()
        return answer.value.withLock { $0 }
    }

    private final class Shared<Answer: Sendable>: Sendable {
        let value = Mutex<Answer?>(nil)
        let isDone = DispatchSemaphore(value: 0)
    }
}
