internal import ShaleExpressions
internal import ShaleItems
internal import ShaleTables

// Statements of PartiQL, in the words of policies.

extension Service {
    /// What a statement does; one that cannot be parsed does something to no resource.
    func access(_ request: StatementRequest) -> Access {
        guard
            let statement = try? Statement.parse(
                request.statement,
                parameters: request.parameters
            )
        else {
            var access = Access(action: "dynamodb:PartiQLSelect", resource: "*")
            access.leadingKeys = .any
            access.attributes = .any
            return access
        }
        var access = access(Self.action(of: statement), statement.tableName)
        if case .select(let select) = statement, let index = select.indexName {
            access.resource += "/index/" + index
        }
        access.attributes = Self.attributes(of: statement)
        if request.returnValuesOnConditionCheckFailure == .allOld { access.attributes = .any }
        let keys = database.partitions(of: statement) ?? []
        let texts = keys.compactMap(Self.text)
        access.leadingKeys = !texts.isEmpty && texts.count == keys.count ? .these(texts) : .any
        return access
    }

    private static func action(of statement: Statement) -> String {
        switch statement {
        case .select, .exists: "PartiQLSelect"
        case .insert: "PartiQLInsert"
        case .update: "PartiQLUpdate"
        case .delete: "PartiQLDelete"
        }
    }

    private static func attributes(of statement: Statement) -> AccessedValues {
        var attributes = AccessedAttributes()
        func add(_ condition: Condition?) {
            attributes.add(condition?.paths.map(\.root) ?? [])
        }
        switch statement {
        case .select(let select):
            add(select.condition)
            if let selected = select.selected {
                attributes.add(selected.map(\.path.root))
            } else {
                attributes.addAll()
            }
        case .exists(let select): add(select.condition)
        case .insert(let insert): attributes.add(insert.item.names)
        // What its right sides read is not told.
        case .update: attributes.addAll()
        case .delete(let deletion):
            add(deletion.condition)
            if deletion.returning != nil { attributes.addAll() }
        }
        return attributes.values
    }
}

extension ExecuteStatement {
    static func accesses(_ request: StatementRequest, _ service: Service) -> [Access] {
        [service.access(request)]
    }
}

extension BatchExecuteStatement {
    static func accesses(_ request: BatchStatementRequest, _ service: Service) -> [Access] {
        request.members.compactMap { member in
            if case .statement(let statement) = member { service.access(statement) } else { nil }
        }
    }
}

extension ExecuteTransaction {
    static func accesses(_ request: TransactStatementsRequest, _ service: Service) -> [Access] {
        request.statements.map { service.access($0) }
    }
}
