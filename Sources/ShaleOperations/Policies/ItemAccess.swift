internal import ShaleItems
internal import ShaleTables

// The operations on items, in the words of policies.

extension GetItem {
    static func accesses(_ request: GetItemRequest, _ service: Service) -> [Access] {
        var attributes = AccessedAttributes()
        attributes.add(request.key.names)
        attributes.addRead(request.projection, request.names)
        return [service.access(name, request.tableName, items: [request.key], attributes)]
    }
}

extension PutItem {
    static func accesses(_ request: PutItemRequest, _ service: Service) -> [Access] {
        [service.access(name, request.tableName, item: request.item, request.options)]
    }
}

extension DeleteItem {
    static func accesses(_ request: DeleteItemRequest, _ service: Service) -> [Access] {
        [service.access(name, request.tableName, item: request.key, request.options)]
    }
}

extension UpdateItem {
    static func accesses(_ request: UpdateItemRequest, _ service: Service) -> [Access] {
        var access = service.access(
            name,
            request.tableName,
            item: request.key,
            request.options,
            update: request.update
        )
        if request.attributeUpdates != nil { access.attributes = .any }
        return [access]
    }
}

extension Query {
    static func accesses(_ request: QueryRequest, _ service: Service) -> [Access] {
        var access = service.access(name, request.tableName, request.options)
        if let key = service.database.partition(of: request).flatMap(Service.text) {
            access.leadingKeys = .these([key])
        }
        if request.keyConditions != nil {
            access.attributes = .any
        } else if case .these(let names) = access.attributes {
            var attributes = AccessedAttributes()
            attributes.add(names)
            attributes.add(request.keyCondition, request.options.attributes.names)
            access.attributes = attributes.values
        }
        return [access]
    }
}

extension Scan {
    static func accesses(_ request: ScanRequest, _ service: Service) -> [Access] {
        [service.access(name, request.tableName, request.options)]
    }
}

extension BatchGetItem {
    static func accesses(_ request: BatchGetItemRequest, _ service: Service) -> [Access] {
        request.requestItems.map { table, keys in
            var attributes = AccessedAttributes()
            attributes.addRead(keys.projection, keys.names)
            attributes.add(keys.keys.flatMap(\.names))
            return service.access(name, table, items: keys.keys, attributes)
        }
    }
}

extension BatchWriteItem {
    static func accesses(_ request: BatchWriteItemRequest, _ service: Service) -> [Access] {
        request.requestItems.map { table, writes in
            let items = writes.map { write in
                switch write {
                case .put(let item), .delete(let item): item
                }
            }
            var attributes = AccessedAttributes()
            attributes.add(items.flatMap(\.names))
            return service.access(name, table, items: items, attributes)
        }
    }
}

extension TransactGetItems {
    static func accesses(_ request: TransactGetItemsRequest, _ service: Service) -> [Access] {
        request.gets.map { get in
            var attributes = AccessedAttributes()
            attributes.add(get.key.names)
            attributes.addRead(get.projection, get.names)
            return service.access(GetItem.name, get.tableName, items: [get.key], attributes)
        }
    }
}

extension TransactWriteItems {
    static func accesses(_ request: TransactWriteItemsRequest, _ service: Service) -> [Access] {
        request.actions.map { action in
            var options = WriteOptions()
            options.condition = action.condition
            options.attributes = action.attributes
            options.returnValuesOnConditionCheckFailure =
                action.returnValuesOnConditionCheckFailure
            let table = action.tableName
            return switch action.change {
            case .put(let item): service.access(PutItem.name, table, item: item, options)
            case .delete(let key): service.access(DeleteItem.name, table, item: key, options)
            case .update(let key, let text):
                service.access(UpdateItem.name, table, item: key, options, update: text)
            case .check(let key):
                service.access("ConditionCheckItem", table, item: key, options)
            }
        }
    }
}
