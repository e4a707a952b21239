package import ShaleItems

/// Something to be told to its owner when its time has come.
///
/// An item of the system table `$timers`:
///
///     partition key  owner  S   who is told
///     sort key       place  S   due time in milliseconds since 1970-01-01 UTC (20 digits) # id
///                    note   M   what the owner is told; absent where that is nothing
package struct Timer: Sendable, Equatable {
    /// What tells a timer from all others.
    package struct Name: Sendable, Hashable {
        /// Who is told.
        package var owner: String
        /// When: milliseconds since 1970-01-01 UTC, at least 0.
        package var due: Int64
        /// Which of the owner's that are due then: 1 to 512 bytes.
        package var id: String

        /// Makes a name.
        package init(owner: String, due: Int64, id: String) {
            precondition(
                TimerLimits.idBytes.contains(id.utf8.count),
                "the id of a timer has 1 to 512 bytes"
            )
            self.owner = owner
            self.due = max(0, due)
            self.id = id
        }
    }

    /// What tells it from all others.
    package let name: Name
    /// What the owner is told: at most 1,024 bytes.
    package let note: Item

    /// Makes a timer, which is not set yet.
    package init(_ name: Name, note: Item = [:]) {
        precondition(
            note.sizeBytes <= TimerLimits.noteBytes,
            "a timer's note is small: what is large belongs to the owner's own items"
        )
        self.name = name
        self.note = note
    }
}

extension Timer {
    static let tableName = "$timers"

    /// The timer of an item; nil where it is none.
    init?(_ item: Item) {
        guard let owner = item["owner"]?.stringValue, let place = item["place"]?.stringValue,
            let end = place.firstIndex(of: "#"), let due = Int64(place[..<end])
        else { return nil }
        let id = String(place[place.index(after: end)...])
        guard TimerLimits.idBytes.contains(id.utf8.count) else { return nil }
        name = Name(owner: owner, due: due, id: id)
        note = item["note"]?.mapValue ?? [:]
    }

    /// Its item.
    var written: WrittenItem {
        var item = ItemWriter()
        item.set("note", note.isEmpty ? nil : .map(note))
        item.set("owner", name.owner)
        item.set("place", name.place)
        return item.finished()
    }
}

extension Timer.Name {
    private static let digits = 20

    var key: Item { ["owner": .string(owner), "place": .string(place)] }

    /// The sort key.
    var place: String {
        let text = String(due)
        return String(repeating: "0", count: Self.digits - text.utf8.count) + text + "#" + id
    }

    /// Whether it stands before another one of the same owner in the table.
    func isBefore(_ other: Timer.Name) -> Bool {
        if due != other.due { return due < other.due }
        return id.utf8.lexicographicallyPrecedes(other.id.utf8)
    }
}
