/// Attributes by name: the unit of data that users store, and the form of a map inside it.
///
/// Invariant: `entries` is sorted by the UTF-8 bytes of the names, and no name occurs twice. So
/// iteration has one order everywhere, equal items have equal bytes, and a lookup is a binary
/// search. Names are told apart by their UTF-8 bytes, not by canonical equivalence.
public struct Item: Sendable {
    /// One attribute.
    struct Entry: Sendable {
        var name: String
        var value: AttributeValue
    }

    private(set) var entries: [Entry]

    /// An item without attributes.
    public init() { entries = [] }

    /// An item of these attributes; the last value wins where a name is given twice.
    /// - Complexity: O(n log n).
    public init(_ attributes: some Sequence<(String, AttributeValue)>) {
        self.init(array: Array(attributes))
    }

    /// The same, compiled for arrays: requests are read into them.
    package init(array attributes: [(String, AttributeValue)]) {
        let given = attributes.map { name, value in Entry(name: name, value: value) }
        if SetOrder.isSorted(given, by: { !TextOrder.precedes($1.name, $0.name) }) {
            entries = given
            return
        }
        let ordered = given.indices.sorted { left, right in
            let order = TextOrder.order(given[left].name, given[right].name)
            return order != 0 ? order < 0 : left < right
        }
        entries = []
        entries.reserveCapacity(given.count)
        for index in ordered {
            if let last = entries.last, TextOrder.areEqual(last.name, given[index].name) {
                entries[entries.count - 1] = given[index]
            } else {
                entries.append(given[index])
            }
        }
    }

    /// An item of entries that already hold the invariant.
    init(sorted entries: [Entry]) { self.entries = entries }

    /// The value of an attribute, or nil when there is none of that name; set nil to remove it.
    /// - Complexity: O(log n) to read or replace, O(n) to insert or remove.
    public subscript(name: String) -> AttributeValue? {
        get {
            let (index, isFound) = position(of: name)
            return isFound ? entries[index].value : nil
        }
        set {
            let (index, isFound) = position(of: name)
            switch (newValue, isFound) {
            case (let value?, true): entries[index].value = value
            case (let value?, false): entries.insert(Entry(name: name, value: value), at: index)
            case (nil, true): entries.remove(at: index)
            case (nil, false): break
            }
        }
    }

    /// Removes an attribute and returns its value, or nil when there was none.
    @discardableResult
    public mutating func remove(_ name: String) -> AttributeValue? {
        let (index, isFound) = position(of: name)
        return isFound ? entries.remove(at: index).value : nil
    }

    /// Changes an attribute in place, without copying what it holds; false when there is none.
    package mutating func modify<Failure: Error>(
        _ name: String,
        _ change: (inout AttributeValue) throws(Failure) -> Void
    ) throws(Failure) -> Bool {
        let (index, isFound) = position(of: name)
        guard isFound else { return false }
        try change(&entries[index].value)
        return true
    }

    /// Whether there is an attribute of that name.
    public func contains(name: String) -> Bool { position(of: name).isFound }

    /// The names, in the order of their UTF-8 bytes.
    public var names: [String] { entries.map(\.name) }

    /// Where `name` is, or where it would be inserted.
    private func position(of name: String) -> (index: Int, isFound: Bool) {
        // Attributes mostly arrive in order; then the place is the end.
        if let last = entries.last {
            let order = TextOrder.order(last.name, name)
            if order < 0 { return (entries.count, false) }
            if order == 0 { return (entries.count - 1, true) }
        }
        var low = 0
        var high = entries.count
        while low < high {
            let middle = (low + high) / 2
            let order = TextOrder.order(entries[middle].name, name)
            if order == 0 { return (middle, true) }
            if order < 0 { low = middle + 1 } else { high = middle }
        }
        return (low, false)
    }
}

extension Item: RandomAccessCollection {
    /// One attribute.
    public typealias Element = (name: String, value: AttributeValue)

    /// The first index: 0.
    public var startIndex: Int { 0 }
    /// The number of attributes.
    public var endIndex: Int { entries.count }
    /// The attribute at a place in name order.
    public subscript(position: Int) -> Element {
        (entries[position].name, entries[position].value)
    }
}

extension Item: ExpressibleByDictionaryLiteral {
    /// An item of these attributes; the last value wins where a name is given twice.
    public init(dictionaryLiteral elements: (String, AttributeValue)...) { self.init(elements) }
}

extension Item: Hashable {
    /// Whether both have the same names with equal values.
    public static func == (left: Item, right: Item) -> Bool {
        left.entries.count == right.entries.count
            && zip(left.entries, right.entries).allSatisfy { left, right in
                TextOrder.areEqual(left.name, right.name) && left.value == right.value
            }
    }

    /// Feeds what `==` compares into the hasher.
    public func hash(into hasher: inout Hasher) {
        hasher.combine(entries.count)
        for entry in entries {
            SetOrder.hash(entry.name, into: &hasher)
            hasher.combine(entry.value)
        }
    }
}
