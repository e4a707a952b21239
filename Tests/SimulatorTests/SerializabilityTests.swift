import Foundation
import Simulator
import Testing

/// Transactions of many threads, and the check of their order.
struct SerializabilityTests {
    @Test(arguments: 1...3 as ClosedRange<UInt64>)
    func `transactions of many threads on a few items have an order`(seed: UInt64) async throws {
        let directory = FileManager.default.temporaryDirectory
            .appendingPathComponent("shale-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: directory, withIntermediateDirectories: true)
        let result: Result<Int, any Error>
        do {
            let run = TransactionRun(seed: seed, tasks: 6, calls: 60)
            result = .success(try await run.run(in: "\(directory.path)/db"))
        } catch {
            result = .failure(error)
        }
        try FileManager.default.removeItem(at: directory)
        #expect(try result.get() == 6 * 60)
    }

    private typealias Transaction = Serializability.Transaction

    private static func transaction(
        _ number: Int,
        _ moments: ClosedRange<Int>,
        reads: [Int: [Int]] = [:],
        appends: [Int] = []
    ) -> Transaction {
        var transaction = Transaction(number: number, begin: moments.lowerBound)
        transaction.end = moments.upperBound
        transaction.reads = reads
        transaction.appends = appends
        return transaction
    }

    @Test func `a history that has an order has no violation`() {
        let history = [
            Self.transaction(1, 1...2, appends: [0, 1]),
            Self.transaction(2, 3...6, appends: [0]),
            Self.transaction(3, 4...5, reads: [0: [1], 1: [1]]),
            Self.transaction(4, 7...8, reads: [0: [1, 2]]),
        ]
        #expect(Serializability(history, final: [0: [1, 2], 1: [1]]).violation() == nil)
    }

    @Test(arguments: [
        "torn", "half seen", "lost update", "write skew", "stale", "twice", "not there",
    ])
    func `what has no order is found`(what: String) {
        var history: [Transaction] = []
        var final: [Int: [Int]] = [:]
        switch what {
        case "torn":
            history = [Self.transaction(1, 1...2, appends: [0, 1])]
            final = [0: [1], 1: []]
        case "half seen":
            history = [
                Self.transaction(1, 1...4, appends: [0, 1]),
                Self.transaction(2, 2...3, reads: [0: [1], 1: []]),
            ]
            final = [0: [1], 1: [1]]
        case "lost update":
            history = [
                Self.transaction(1, 1...4, reads: [0: []], appends: [0]),
                Self.transaction(2, 2...3, reads: [0: []], appends: [0]),
            ]
            final = [0: [1, 2]]
        case "write skew":
            history = [
                Self.transaction(1, 1...4, reads: [1: []], appends: [0]),
                Self.transaction(2, 2...3, reads: [0: []], appends: [1]),
            ]
            final = [0: [1], 1: [2]]
        case "stale":
            history = [
                Self.transaction(1, 1...2, appends: [0]),
                Self.transaction(2, 3...4, reads: [0: []]),
            ]
            final = [0: [1]]
        case "twice":
            history = [Self.transaction(1, 1...2, appends: [0])]
            final = [0: [1, 1]]
        default:
            history = [
                Self.transaction(1, 1...2, appends: [0]),
                Self.transaction(2, 3...4, reads: [0: [1, 9]]),
            ]
            final = [0: [1]]
        }
        #expect(Serializability(history, final: final).violation() != nil)
    }
}
