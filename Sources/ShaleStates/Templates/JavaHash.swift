internal import OrderedCollections
internal import ShaleJSON

/// The order in which the service's own collections give back what was put into them.
///
/// The service keeps some members and elements in hash tables of Java, whose order reaches the outputs of
/// states: members of a payload template that are computed, objects that are merged, elements that are made
/// unique. The order is that of `java.util.HashMap`: by the low bits of the hash, then by time of insertion.
enum JavaHash {
    /// The indexes of the values in the order of their hash table.
    static func order(_ hashes: [Int32]) -> [Int] {
        var capacity = 16
        while hashes.count * 4 > capacity * 3 { capacity *= 2 }
        let buckets = hashes.map { hash in
            let bits = UInt32(bitPattern: hash)
            return Int(bits ^ (bits >> 16)) & (capacity - 1)
        }
        return hashes.indices.sorted { (buckets[$0], $0) < (buckets[$1], $1) }
    }

    static func order(of names: [String]) -> [Int] { order(names.map(hash)) }

    /// `String.hashCode`: over UTF-16 units.
    static func hash(_ text: String) -> Int32 {
        text.utf16.reduce(0) { $0 &* 31 &+ Int32($1) }
    }

    static func hash(_ value: JSONValue) -> Int32 {
        switch value {
        case .null: 0
        case .bool(let value): value ? 1231 : 1237
        case .integer(let value):
            Int32(truncatingIfNeeded: value) == value
                ? Int32(value) : Int32(truncatingIfNeeded: value ^ (value >> 32))
        case .double(let value):
            Int32(truncatingIfNeeded: value.bitPattern ^ (value.bitPattern >> 32))
        case .string(let text): hash(text)
        case .array(let elements): elements.reduce(1) { $0 &* 31 &+ hash($1) }
        case .object(let members):
            members.reduce(0) { $0 &+ (hash($1.key) ^ hash($1.value)) }
        }
    }
}

extension JSONValue {
    /// The value as Java's `toString` writes it: `{a=1, b=[x, null]}`.
    var javaText: String {
        switch self {
        case .string(let text): text
        case .array(let elements): "[" + elements.map(\.javaText).joined(separator: ", ") + "]"
        case .object(let members):
            "{" + members.map { $0.key + "=" + $0.value.javaText }.joined(separator: ", ") + "}"
        default: json
        }
    }
}
