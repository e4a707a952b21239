import ShaleItems

/// How the paths of one update or projection may not meet.
///
/// Paths are sorted and only neighbours compared. That is enough: what stands between a path and
/// one inside it is inside it too, and where a value has both names and indexes below it, the last
/// name and the first index are neighbours.
enum PathSet {
    private enum Meeting { case overlap, conflict }

    /// Refuses two paths of which one contains the other, or that need one value to be list and
    /// map.
    /// - Throws: `overlappingPaths`, `conflictingPaths`.
    /// - Complexity: O(n log n) in the paths.
    static func requireDisjoint(
        _ paths: [DocumentPath],
        in kind: ExpressionKind
    ) throws(ExpressionError) {
        let sorted = paths.indices.sorted { left, right in
            DocumentPath.precedes(paths[left], paths[right])
        }
        for (left, right) in zip(sorted, sorted.dropFirst()) {
            guard let meeting = meeting(paths[left], paths[right]) else { continue }
            let pair =
                "must remove or rewrite one of these paths; "
                + "path one: \(paths[min(left, right)]), path two: \(paths[max(left, right)])"
            switch meeting {
            case .overlap:
                throw ExpressionError(
                    .overlappingPaths,
                    in: kind,
                    "Two document paths overlap with each other; " + pair
                )
            case .conflict:
                throw ExpressionError(
                    .conflictingPaths,
                    in: kind,
                    "Two document paths conflict with each other; " + pair
                )
            }
        }
    }

    private static func meeting(_ left: DocumentPath, _ right: DocumentPath) -> Meeting? {
        guard TextOrder.areEqual(left.root, right.root) else { return nil }
        for (left, right) in zip(left.steps, right.steps) where left != right {
            switch (left, right) {
            case (.name, .index), (.index, .name): return .conflict
            default: return nil
            }
        }
        return .overlap
    }
}
