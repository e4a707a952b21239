public import ShaleItems

/// A checked projection: which parts of an item are returned.
///
/// Maps keep their nesting. Of a list the chosen elements stand next to each other in the order of
/// their indexes. What an item does not have is left out, and so is a map or list of which nothing
/// is left.
public struct Projection: Sendable, Hashable {
    /// The paths, none of which contains another, in the order of the text.
    public let paths: [DocumentPath]
    private let tree: ProjectionTree
    /// The top-level attributes that it reads, ascending.
    private let roots: [String]

    /// The projection onto paths of which none contains another.
    init(disjoint paths: [DocumentPath]) {
        self.paths = paths
        roots = TextOrder.distinct(paths.map(\.root))
        tree = ProjectionTree(
            sorted: paths.sorted(by: DocumentPath.precedes).map { $0.elements[...] }
        )
    }

    /// Parses a projection against the placeholders of its request.
    ///
    /// `path { "," path }`.
    /// - Parameters:
    ///   - text: The expression.
    ///   - placeholders: The request's placeholders; those used are marked.
    /// - Returns: The checked projection.
    /// - Throws: What is wrong with the text, with its offset.
    public static func parse(
        _ text: String,
        with placeholders: inout Placeholders
    ) throws(ExpressionError) -> Projection {
        var cursor = try TokenCursor(text, .projection, placeholders)
        var paths: [DocumentPath] = []
        repeat {
            guard cursor.isAtPath else { throw cursor.syntaxError() }
            paths.append(try cursor.readPath())
        } while cursor.skipSymbol(",")
        try cursor.expectEnd()
        try PathSet.requireDisjoint(paths, in: .projection)
        placeholders = cursor.placeholders
        return Projection(disjoint: paths)
    }

    /// Parses a projection that is the only expression of its request: all placeholders must be
    /// used.
    public static func parse(
        _ text: String,
        names: [String: String]? = nil
    ) throws(ExpressionError) -> Projection {
        var placeholders = try Placeholders(names: names)
        let projection = try parse(text, with: &placeholders)
        try placeholders.requireAllUsed()
        return projection
    }

    /// The projection onto whole top-level attributes, as `AttributesToGet` and indexes use it.
    public init(attributes names: some Sequence<String>) {
        var seen: Set<DocumentPath> = []
        let paths = names.map { DocumentPath($0) }.filter { seen.insert($0).inserted }
        self.init(disjoint: paths)
    }

    /// The parts of an item.
    public func apply(to item: Item) -> Item { tree.parts(of: item) }

    /// The parts of an item still in its bytes; only the attributes it names are decoded.
    public func apply(to item: EncodedItem) throws(ItemError) -> Item {
        try apply(toBytes: item.bytes.span)
    }

    /// The parts of an item lent as its bytes; only the attributes it names are decoded.
    public func apply(toBytes bytes: Span<UInt8>) throws(ItemError) -> Item {
        tree.parts(of: try ItemDecoder.decode(bytes, names: roots))
    }
}
