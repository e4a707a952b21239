public import ShaleItems

/// Where a value is inside an item: a top-level attribute, then names and list indexes.
public struct DocumentPath: Sendable, Hashable, CustomStringConvertible {
    /// One step down from a map or a list.
    public enum Step: Sendable, Hashable {
        /// To an attribute of a map.
        case name(String)
        /// To an element of a list.
        case index(Int)

        /// Whether both are the same step; names by their UTF-8 bytes.
        public static func == (left: Step, right: Step) -> Bool {
            switch (left, right) {
            case (.name(let left), .name(let right)): TextOrder.areEqual(left, right)
            case (.index(let left), .index(let right)): left == right
            default: false
            }
        }

        /// Feeds what `==` compares into the hasher.
        public func hash(into hasher: inout Hasher) {
            switch self {
            case .name(let name): for byte in name.utf8 { hasher.combine(byte) }
            case .index(let index): hasher.combine(index)
            }
        }
    }

    /// The name of the top-level attribute.
    public var root: String
    /// The steps below it.
    public var steps: [Step]

    /// Makes a path.
    public init(_ root: String, _ steps: [Step] = []) {
        self.root = root
        self.steps = steps
    }

    /// Root and steps alike.
    var elements: [Step] { [.name(root)] + steps }

    /// The value at this path, or nil when there is none.
    public func value(in item: Item) -> AttributeValue? {
        guard var value = item[root] else { return nil }
        for step in steps {
            switch (step, value) {
            case (.name(let name), .map(let map)):
                guard let inner = map[name] else { return nil }
                value = inner
            case (.index(let index), .list(let list)):
                guard list.indices.contains(index) else { return nil }
                value = list[index]
            default: return nil
            }
        }
        return value
    }

    /// The path as the service prints it: "[a, b, [0]]".
    public var description: String {
        let parts = elements.map { step in
            switch step {
            case .name(let name): name
            case .index(let index): "[\(index)]"
            }
        }
        return "[" + parts.joined(separator: ", ") + "]"
    }

    /// Whether both are the same path, by UTF-8 bytes.
    public static func == (left: DocumentPath, right: DocumentPath) -> Bool {
        TextOrder.areEqual(left.root, right.root) && left.steps == right.steps
    }

    /// Feeds what `==` compares into the hasher.
    public func hash(into hasher: inout Hasher) {
        for byte in root.utf8 { hasher.combine(byte) }
        hasher.combine(steps)
    }
}

extension DocumentPath {
    /// An order in which the steps of one list ascend, and a path stands right before those inside
    /// it.
    static func precedes(_ left: DocumentPath, _ right: DocumentPath) -> Bool {
        let order = TextOrder.order(left.root, right.root)
        guard order == 0 else { return order < 0 }
        for (left, right) in zip(left.steps, right.steps) where left != right {
            switch (left, right) {
            case (.index(let left), .index(let right)): return left < right
            case (.name(let left), .name(let right)): return TextOrder.precedes(left, right)
            case (.name, .index): return true
            case (.index, .name): return false
            }
        }
        return left.steps.count < right.steps.count
    }
}
