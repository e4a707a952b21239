/// A value while it is being encoded: containers write into nodes, and the tree of nodes is read
/// once at the end.
///
/// A reference, because a container may be filled after its parent has gone on.
final class EncodingNode {
    enum Content {
        /// Nothing was written: what encodes nothing is an empty map.
        case empty
        /// A whole value; nil for an empty set, which is left out.
        case value(AttributeValue?)
        case list([EncodingNode])
        case map([(name: String, node: EncodingNode)])
    }

    var content = Content.empty

    /// The value, or nil when it is left out.
    func finished(path: String) throws(ItemError) -> AttributeValue? {
        switch content {
        case .empty: return .map([:])
        case .value(let value): return value
        case .list(let nodes):
            var list: [AttributeValue] = []
            for (index, node) in nodes.enumerated() {
                let inner = "\(path)[\(index)]"
                guard let value = try node.finished(path: inner) else {
                    throw ItemError(.emptySet, path: inner, "An empty set cannot be in a list")
                }
                list.append(value)
            }
            return .list(list)
        case .map(let nodes):
            var map = AttributeMap()
            for (name, node) in nodes {
                map[name] = try node.finished(path: path.isEmpty ? name : "\(path).\(name)")
            }
            return .map(map)
        }
    }

    /// A new node under `name`, of a map.
    func child(_ name: String) -> EncodingNode {
        let child = EncodingNode()
        if case .map(var nodes) = content {
            content = .empty
            nodes.append((name, child))
            content = .map(nodes)
        } else {
            content = .map([(name, child)])
        }
        return child
    }

    /// A new node at the end of a list.
    func appendedChild() -> EncodingNode {
        let child = EncodingNode()
        if case .list(var nodes) = content {
            content = .empty
            nodes.append(child)
            content = .list(nodes)
        } else {
            content = .list([child])
        }
        return child
    }

    var listCount: Int { if case .list(let nodes) = content { nodes.count } else { 0 } }
}
