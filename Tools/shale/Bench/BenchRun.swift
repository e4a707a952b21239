import Histogram
import ShaleEngine
import ShalePlatform
import Synchronization

/// One workload, from its first call to its last: callers side by side, each with a histogram of its own.
struct BenchRun: Sendable {
    typealias Latencies = Histogram<UInt64>

    /// What one caller saw.
    struct Share: Sendable {
        var reads = Latencies(numberOfSignificantValueDigits: .three)
        var writes = Latencies(numberOfSignificantValueDigits: .three)
        var found = 0
    }

    /// Calls done so far, for the live line.
    final class Counter: Sendable {
        let done = Atomic<Int>(0)
    }

    /// What one caller does.
    private enum Role {
        case fillInOrder(from: Int, to: Int)
        case write(count: Int, uniform: Bool)
        case read(count: Int)
        case scan(count: Int)
        case writeUntilDone(total: Int)
    }

    let target: BenchTarget
    let workload: Workload
    let time: any TimeSource
    let choice: KeyChoice

    /// Runs it; throws the first error of any caller.
    func run() async throws -> BenchResult {
        let counter = Counter()
        let began = time.monotonicNanoseconds
        let roles = roles()
        let total = try await withThrowingTaskGroup(of: Share.self) { group in
            for (index, role) in roles.enumerated() {
                group.addTask { try await perform(role, index, counter) }
            }
            let live = Task { await showLive(counter, began) }
            defer { live.cancel() }
            var total = Share()
            for try await share in group {
                total.reads.add(share.reads)
                total.writes.add(share.writes)
                total.found += share.found
            }
            return total
        }
        Terminal.clear()
        let seconds = Double(time.monotonicNanoseconds - began) / 1e9
        return BenchResult(
            workload.rawValue,
            entriesPerOperation: workload == .scan ? target.plan.keysPerPartition : 1,
            target.plan,
            target.durability,
            total,
            seconds: seconds
        )
    }

    private func roles() -> [Role] {
        let plan = target.plan
        let callers = max(1, plan.threads)
        let shares = (0..<callers).map { index in
            plan.operations / callers + (index < plan.operations % callers ? 1 : 0)
        }
        switch workload {
        case .fillseq:
            return (0..<callers).map { index in
                .fillInOrder(
                    from: plan.keys * index / callers,
                    to: plan.keys * (index + 1) / callers
                )
            }
        case .fillrandom: return shares.map { .write(count: $0, uniform: true) }
        case .overwrite: return shares.map { .write(count: $0, uniform: false) }
        case .readrandom: return shares.map { .read(count: $0) }
        case .scan: return shares.map { .scan(count: $0) }
        case .readwhilewriting:
            return shares.map { .read(count: $0) } + [.writeUntilDone(total: plan.operations)]
        }
    }

    private func perform(
        _ role: Role,
        _ index: Int,
        _ counter: Counter
    ) async throws(EngineError) -> Share {
        var share = Share()
        var draws = Draws(seed: target.plan.seed &+ UInt64(index) &* 0x1_0000_0001)
        switch role {
        case .fillInOrder(let first, let end):
            for number in first..<end { try await write(number, &share, &draws, counter) }
        case .write(let count, let uniform):
            for _ in 0..<count {
                let number =
                    uniform
                    ? Int.random(in: 0..<target.plan.keys, using: &draws) : choice.next(&draws)
                try await write(number, &share, &draws, counter)
            }
        case .read(let count):
            for _ in 0..<count { try await read(choice.next(&draws), &share, counter, target.read) }
        case .scan(let count):
            for _ in 0..<count { try await read(choice.next(&draws), &share, counter, target.scan) }
        case .writeUntilDone(let total):
            while counter.done.load(ordering: .relaxed) < total {
                let began = time.monotonicNanoseconds
                try await target.write(choice.next(&draws), &draws)
                share.writes.record(time.monotonicNanoseconds - began)
            }
        }
        return share
    }

    private func write(
        _ number: Int,
        _ share: inout Share,
        _ draws: inout Draws,
        _ counter: Counter
    ) async throws(EngineError) {
        let began = time.monotonicNanoseconds
        try await target.write(number, &draws)
        share.writes.record(time.monotonicNanoseconds - began)
        counter.done.add(1, ordering: .relaxed)
    }

    private func read(
        _ number: Int,
        _ share: inout Share,
        _ counter: Counter,
        _ operation: (Int) async throws(EngineError) -> Bool
    ) async throws(EngineError) {
        let began = time.monotonicNanoseconds
        if try await operation(number) { share.found += 1 }
        share.reads.record(time.monotonicNanoseconds - began)
        counter.done.add(1, ordering: .relaxed)
    }

    private func showLive(_ counter: Counter, _ began: UInt64) async {
        let total = workload == .fillseq ? target.plan.keys : target.plan.operations
        var last = 0
        while !Task.isCancelled {
            // A sleep that is cut short ends the loop at its condition.
            try? await Task.sleep(for: .milliseconds(500))
            guard !Task.isCancelled else { return }
            let done = counter.done.load(ordering: .relaxed)
            let seconds = Double(time.monotonicNanoseconds - began) / 1e9
            Terminal.show(
                "\(workload.rawValue): \(Terminal.grouped(done)) of \(Terminal.grouped(total)), "
                    + "\(Terminal.grouped((done - last) * 2))/s now, "
                    + "\(Terminal.grouped(Int(Double(done) / seconds)))/s so far"
            )
            last = done
        }
    }
}
