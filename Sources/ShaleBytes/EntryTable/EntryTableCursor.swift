/// Visits the entries of a table in order, as they were at one position.
///
/// Entries are collected in small pages under a stripe's lock, by address; nothing is copied. What is
/// added behind the cursor while it is on its way is seen if its position is. Table and bounds must live as
/// long as the cursor.
package struct EntryTableCursor: ~Copyable {
    private static let firstPageLimit = 16
    private static let pageLimit = 64

    private let table: Unretained<EntryTable>
    private let lower: LentBytes
    private let upper: LentBytes?
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
        _ table: Unretained<EntryTable>,
        lower: LentBytes,
        upper: LentBytes?,
        isAscending: Bool,
        before position: UInt64
    ) {
        self.table = table
        self.lower = lower
        self.upper = upper
        self.isAscending = isAscending
        self.position = position
        start()
    }

    /// Whether there is no entry here.
    package var isAtEnd: Bool { entry.isNowhere }

    /// The key here; lent for as long as the table lives.
    package var key: LentBytes { EntryLayout.key(entry) }

    /// The version here.
    package var found: EntryVersion { EntryLayout.read(version) }

    /// Goes to the next entry.
    package mutating func advance() {
        index += 1
        settle()
    }

    private mutating func start() {
        let low = stripeNumber(of: lower)
        let high = upper.map { stripeNumber(of: $0) } ?? EntryTable.stripeCount - 1
        number = isAscending ? low : high
        guard low <= high else { return finish() }
        lastNumber = isAscending ? high : low
        isStripeDone = false
        load()
        settle()
    }

    private func stripeNumber(of key: LentBytes) -> Int {
        table.with { $0.stripeNumber(key.digest(from: 0)) }
    }

    private mutating func finish() {
        isStripeDone = true
        number = lastNumber
        entry = .nowhere
        version = .nowhere
    }

    /// Stops at the next entry that has a version to see.
    private mutating func settle() {
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
                load()
            } else {
                loadMore()
            }
        }
    }

    /// Loads the next page of the same stripe.
    private mutating func loadMore() {
        let last = page.last.map { EntryLayout.key($0) }
        page.removeAll(keepingCapacity: true)
        index = 0
        guard let stripe = table.with({ $0.stripe(number) }) else { return isStripeDone = true }
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

    /// Loads the first page of a stripe.
    private mutating func load() {
        guard let stripe = table.with({ $0.stripe(number) }) else { return isStripeDone = true }
        stripe.lock()
        defer { stripe.unlock() }
        guard !stripe.isEmpty else { return isStripeDone = true }
        stripe.makeOrder()
        let order = stripe.order
        if isAscending {
            collect(stripe, from: order.lowerBound(lower))
        } else {
            collect(stripe, from: upper.map { order.lowerBound($0) } ?? order.end)
        }
    }

    /// One slot on, within the leaf or to its end.
    private static func next(_ position: OrderedIndex.Position) -> OrderedIndex.Position {
        OrderedIndex.Position(leaf: position.leaf, slot: position.slot + 1)
    }

    private mutating func collect(_ stripe: TableStripe, from position: OrderedIndex.Position) {
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
    private mutating func ascend(_ start: OrderedIndex.Position) -> OrderedIndex.Position? {
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
        return LentBytes.compare(EntryLayout.key(entry), upper) < 0
    }

    private mutating func descend(_ start: OrderedIndex.Position) -> OrderedIndex.Position? {
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
        return LentBytes.compare(EntryLayout.key(entry), lower) >= 0
    }
}
