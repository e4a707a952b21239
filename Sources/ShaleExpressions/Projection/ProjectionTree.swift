import ShaleItems

/// The paths of a projection, merged where they share their beginnings.
struct ProjectionTree: Sendable, Hashable {
    /// What is taken below one name or index; a branch without children takes everything.
    struct Branch: Sendable, Hashable {
        let step: DocumentPath.Step
        let below: ProjectionTree
    }

    /// In the order of names and indexes.
    let branches: [Branch]

    /// Merges paths, whose elements are given in the order of `DocumentPath.precedes`.
    init(sorted paths: [ArraySlice<DocumentPath.Step>]) {
        var groups: [(step: DocumentPath.Step, rests: [ArraySlice<DocumentPath.Step>])] = []
        for path in paths {
            guard let step = path.first else { continue }
            if let last = groups.indices.last, groups[last].step == step {
                groups[last].rests.append(path.dropFirst())
            } else {
                groups.append((step, [path.dropFirst()]))
            }
        }
        branches = groups.map { Branch(step: $0.step, below: ProjectionTree(sorted: $0.rests)) }
    }

    func parts(of map: AttributeMap) -> AttributeMap {
        var parts = AttributeMap()
        for branch in branches {
            guard case .name(let name) = branch.step, let value = map[name],
                let part = branch.below.part(of: value)
            else { continue }
            parts[name] = part
        }
        return parts
    }

    private func part(of value: AttributeValue) -> AttributeValue? {
        guard !branches.isEmpty else { return value }
        switch value {
        case .map(let map):
            let parts = parts(of: map)
            return parts.isEmpty ? nil : .map(parts)
        case .list(let list):
            let parts = branches.compactMap { branch -> AttributeValue? in
                guard case .index(let index) = branch.step, list.indices.contains(index) else {
                    return nil
                }
                return branch.below.part(of: list[index])
            }
            return parts.isEmpty ? nil : .list(parts)
        default: return nil
        }
    }
}
