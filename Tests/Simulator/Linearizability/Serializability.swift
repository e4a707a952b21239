/// Whether a history of transactions has an order: one after the other each would have read what it read, and none is before one
/// that had ended when it began.
///
/// Transactions append their number to lists, and read lists. So a list shows in which order its writers came, and what
/// a reader saw shows between which of them it came (K. Kingsbury, P. Alvaro, "Elle: Inferring Isolation Anomalies from
/// Experimental Observations"): of all these orders together none may go round in a circle.
public struct Serializability: Sendable {
    /// What one transaction did.
    public struct Transaction: Sendable {
        /// Its number, which no other has.
        public var number: Int
        /// When it was asked for.
        public var begin: Int
        /// When it was answered; nil where nobody knows whether it was done.
        public var end: Int?
        /// What it saw of lists before its own appends.
        public var reads: [Int: [Int]] = [:]
        /// The lists it appended its number to.
        public var appends: [Int] = []

        /// One that has not ended.
        public init(number: Int, begin: Int) {
            self.number = number
            self.begin = begin
        }
    }

    private let transactions: [Transaction]
    private let final: [Int: [Int]]

    /// A history, and what all lists were at its end.
    public init(_ transactions: [Transaction], final: [Int: [Int]]) {
        self.transactions = transactions
        self.final = final
    }

    /// What is wrong with the history; nil if it has an order.
    public func violation() -> String? {
        if let wrong = lists() { return wrong }
        var followers: [Int: Set<Int>] = [:]
        func add(_ first: Int?, _ second: Int?) {
            guard let first, let second, first != second else { return }
            followers[first, default: []].insert(second)
        }
        for list in final.values {
            for (first, second) in zip(list, list.dropFirst()) { add(first, second) }
        }
        for transaction in transactions where transaction.end != nil {
            for (key, seen) in transaction.reads {
                let list = final[key] ?? []
                add(seen.last, transaction.number)
                // Whoever wrote what it did not see comes behind it.
                let next = list.dropFirst(seen.count).first { $0 != transaction.number }
                add(transaction.number, next)
            }
        }
        for first in transactions {
            guard let end = first.end else { continue }
            for second in transactions where second.begin > end && second.end != nil {
                add(first.number, second.number)
            }
        }
        return circle(followers)
    }

    /// Every list must have each writer once, and all of a writer's lists must have it or none; what was seen of a list must be
    /// how it began.
    private func lists() -> String? {
        for (key, list) in final where Set(list).count != list.count {
            return "list \(key) has a writer twice"
        }
        for transaction in transactions {
            let there = transaction.appends.filter {
                final[$0]?.contains(transaction.number) == true
            }
            let isWhole = there.count == transaction.appends.count
            guard isWhole || (there.isEmpty && transaction.end == nil) else {
                return
                    "transaction \(transaction.number) is in the lists \(there) of \(transaction.appends)"
            }
            guard transaction.end != nil else { continue }
            for (key, seen) in transaction.reads where !(final[key] ?? []).starts(with: seen) {
                return
                    "transaction \(transaction.number) saw \(seen.suffix(3)) at the end of list \(key)"
            }
        }
        return nil
    }

    /// A circle in a graph; nil if there is none.
    private func circle(_ followers: [Int: Set<Int>]) -> String? {
        var waiting: [Int: Int] = [:]
        for (number, next) in followers {
            waiting[number, default: 0] += 0
            for each in next { waiting[each, default: 0] += 1 }
        }
        var free = waiting.filter { $0.value == 0 }.map(\.key)
        while let number = free.popLast() {
            waiting[number] = nil
            for next in followers[number] ?? [] {
                waiting[next]? -= 1
                if waiting[next] == 0 { free.append(next) }
            }
        }
        guard let start = waiting.keys.min() else { return nil }
        // Everything that is left has somebody before it that is left: going back ends in a circle.
        var path = [start]
        while true {
            let last = path[path.count - 1]
            let before = waiting.keys.sorted().first { followers[$0]?.contains(last) == true }
            guard let before else { return "transactions \(waiting.keys.sorted()) have no order" }
            if let first = path.firstIndex(of: before) {
                let circle = path[first...].reversed() + [path[path.count - 1]]
                return "each comes before the next: "
                    + circle.map(String.init).joined(separator: ", ")
            }
            path.append(before)
        }
    }
}
