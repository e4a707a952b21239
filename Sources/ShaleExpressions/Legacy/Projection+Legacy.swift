import ShaleItems

extension Projection {
    /// The projection that `AttributesToGet` asks for: whole top-level attributes, each named once.
    /// - Throws: `repeatedAttribute`.
    public init(attributesToGet names: [String]) throws(ExpressionError) {
        var seen: Set<DocumentPath> = []
        for name in names {
            guard seen.insert(DocumentPath(name)).inserted else {
                throw .legacy(.repeatedAttribute, "Duplicate value in attribute name: \(name)")
            }
        }
        self.init(attributes: names)
    }
}
