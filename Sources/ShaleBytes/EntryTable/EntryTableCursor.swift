/// Visits the entries of a table in order, as they were at one position.
///
/// Entries are collected in small pages under a stripe's lock, by address; nothing is copied. What is
/// added behind the cursor while it is on its way is seen if its position is.
package final class EntryTableCursor {
    private static let firstPageLimit = 16
    private static let pageLimit = 64

    private let table: EntryTable
    private let lower: [UInt8]
    private let upper: [UInt8]?
    private let isAscending: Bool
    private let position: UInt64

    private var page: [Place] = []
    private var index = 0
    private var limit = EntryTableCursor.firstPageLimit
    /// The stripe that the page is of, and whether it has more.
    private var number = 0
    private var isStripeDone = true
    private var lastNumber = 0
    /// Where the page ended, as long as the stripe's order has not changed since.
    private var resume: (position: OrderedIndex.Position, changes: UInt64)?

    private var entry = Place.nowhere
    private var version = Place.nowhere

    /// Visits keys from `lower` on, below `upper`, each as its newest version before `position`.
    package init(
        _ table: EntryTable,
        lower: [UInt8],
        upper: [UInt8]?,
        isAscending: Bool,
        before position: UInt64
    ) {
        self.table = table
        self.lower = lower
        self.upper = upper
        self.isAscending = isAscending
        self.position = position
        restart(from: nil)
    }

    /// Whether there is no entry here.
    package var isAtEnd: Bool { entry.isNowhere }

    /// The key here; lent for as long as the table lives.
    package var key: LentBytes { EntryLayout.key(entry) }

    /// The version here.
    package var found: EntryVersion { EntryLayout.read(version) }

    /// Goes to the next entry.
    package func advance() {
        index += 1
        settle()
    }

    /// Goes to the first entry, in the cursor's direction, that is not before `key`.
    package func seek(_ key: [UInt8]) { restart(from: key) }

    private func restart(from key: [UInt8]?) {
        page.removeAll(keepingCapacity: true)
        index = 0
        resume = nil
        let low = table.stripeNumber(Self.hash(lower))
        let high = upper.map { table.stripeNumber(Self.hash($0)) } ?? EntryTable.stripeCount - 1
        let first = key.map { table.stripeNumber(Self.hash($0)) }
        number = isAscending ? max(low, first ?? low) : min(high, first ?? high)
        guard low <= number, number <= high else { return finish() }
        lastNumber = isAscending ? high : low
        isStripeDone = false
        load(from: key)
        settle()
    }

    private static func hash(_ key: [UInt8]) -> UInt64 {
        key.withLentBytes { $0.digest(from: 0) }
    }

    private func finish() {
        isStripeDone = true
        number = lastNumber
        entry = .nowhere
        version = .nowhere
    }

    /// Stops at the next entry that has a version to see.
    private func settle() {
        while true {
            while index < page.count {
                if let found = EntryLayout.version(page[index], before: position) {
                    entry = page[index]
                    version = found
                    return
                }
                index += 1
            }
            if isStripeDone {
                guard isAscending ? number < lastNumber : number > lastNumber else {
                    return finish()
                }
                number += isAscending ? 1 : -1
                isStripeDone = false
                page.removeAll(keepingCapacity: true)
                index = 0
                resume = nil
                load(from: nil)
            } else {
                loadMore()
            }
        }
    }

    /// Loads the next page of the same stripe.
    private func loadMore() {
        let last = page.last.map { EntryLayout.key($0) }
        page.removeAll(keepingCapacity: true)
        index = 0
        guard let stripe = table.stripe(number) else { return isStripeDone = true }
        stripe.lock()
        defer { stripe.unlock() }
        if let resume, resume.changes == stripe.control.word(StripeControl.changesOffset) {
            return collect(stripe, from: resume.position)
        }
        guard let last else { return isStripeDone = true }
        var position = stripe.order.lowerBound(last)
        // The last entry is still there: entries never go.
        if isAscending { position = Self.next(position) }
        collect(stripe, from: position)
    }

    /// Loads the first page of a stripe, beginning at `key` if that is given.
    private func load(from key: [UInt8]?) {
        guard let stripe = table.stripe(number) else { return isStripeDone = true }
        stripe.lock()
        defer { stripe.unlock() }
        guard !stripe.isEmpty else { return isStripeDone = true }
        stripe.makeOrder()
        collect(stripe, from: isAscending ? start(stripe, key) : end(stripe, key))
    }

    private func start(_ stripe: TableStripe, _ key: [UInt8]?) -> OrderedIndex.Position {
        let from = key ?? lower
        return from.withLentBytes { from in
            lower.withLentBytes { lower in
                stripe.order.lowerBound(LentBytes.compare(from, lower) < 0 ? lower : from)
            }
        }
    }

    /// Behind the first entry to be visited in descending order.
    private func end(_ stripe: TableStripe, _ key: [UInt8]?) -> OrderedIndex.Position {
        var end = upper.map { upper in upper.withLentBytes { stripe.order.lowerBound($0) } }
        guard let key else { return end ?? stripe.order.end }
        if let upper, !key.lexicographicallyPrecedes(upper) { return end ?? stripe.order.end }
        end = key.withLentBytes { key in
            let position = stripe.order.lowerBound(key)
            // `key` itself is visited.
            guard position.slot < OrderedIndex.count(position.leaf) else { return position }
            let entry = OrderedIndex.entry(position.leaf, position.slot)
            return LentBytes.areEqual(EntryLayout.key(entry), key) ? Self.next(position) : position
        }
        return end ?? stripe.order.end
    }

    /// One slot on, within the leaf or to its end.
    private static func next(_ position: OrderedIndex.Position) -> OrderedIndex.Position {
        OrderedIndex.Position(leaf: position.leaf, slot: position.slot + 1)
    }

    private func collect(_ stripe: TableStripe, from position: OrderedIndex.Position) {
        let end = isAscending ? ascend(position) : descend(position)
        limit = Self.pageLimit
        if let end {
            resume = (end, stripe.control.word(StripeControl.changesOffset))
        } else {
            isStripeDone = true
            resume = nil
        }
    }

    /// Fills the page; nil when the range ends in this stripe.
    private func ascend(_ start: OrderedIndex.Position) -> OrderedIndex.Position? {
        var position = start
        while page.count < limit {
            if position.slot >= OrderedIndex.count(position.leaf) {
                let next = OrderedIndex.next(position.leaf)
                if next.isNowhere { return nil }
                position = OrderedIndex.Position(leaf: next, slot: 0)
                continue
            }
            let entry = OrderedIndex.entry(position.leaf, position.slot)
            guard isBelowUpper(entry) else { return nil }
            page.append(entry)
            position.slot += 1
        }
        return position
    }

    private func isBelowUpper(_ entry: Place) -> Bool {
        // Only the last stripe of the range can hold keys behind it.
        guard number == lastNumber, let upper else { return true }
        return upper.withLentBytes { LentBytes.compare(EntryLayout.key(entry), $0) < 0 }
    }

    private func descend(_ start: OrderedIndex.Position) -> OrderedIndex.Position? {
        var position = start
        while page.count < limit {
            if position.slot == 0 {
                let before = OrderedIndex.before(position.leaf)
                if before.isNowhere { return nil }
                position = OrderedIndex.Position(leaf: before, slot: OrderedIndex.count(before))
                continue
            }
            let entry = OrderedIndex.entry(position.leaf, position.slot - 1)
            guard isAtLeastLower(entry) else { return nil }
            page.append(entry)
            position.slot -= 1
        }
        return position
    }

    private func isAtLeastLower(_ entry: Place) -> Bool {
        guard number == lastNumber else { return true }
        return lower.withLentBytes { LentBytes.compare(EntryLayout.key(entry), $0) >= 0 }
    }
}
