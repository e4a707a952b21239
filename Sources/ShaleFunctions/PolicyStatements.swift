internal import ShaleItems

// The statements of a policy, of a function or of a version of a layer: each has an identity, its `Sid`.

extension [Item] {
    /// Adds a statement.
    ///
    /// - Throws: `.resourceConflict` where its identity is there.
    mutating func add(statement: Item) throws(FunctionError) {
        let identity = statement["Sid"]
        guard !contains(where: { $0["Sid"] == identity }) else {
            throw FunctionError(
                .resourceConflict,
                "The statement id (\(identity?.stringValue ?? "")) provided already exists. Please "
                    + "provide a new statement id, or remove the existing statement."
            )
        }
        append(statement)
    }

    /// Takes a statement away.
    ///
    /// - Throws: `.resourceNotFound`.
    mutating func remove(statement identity: String) throws(FunctionError) {
        let before = count
        removeAll { $0["Sid"]?.stringValue == identity }
        guard count < before else {
            throw FunctionError(
                .resourceNotFound,
                "Statement \(identity) is not found in resource policy."
            )
        }
    }
}
