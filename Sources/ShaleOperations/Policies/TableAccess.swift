internal import ShaleTables

// The operations on tables and streams, in the words of policies.

extension ListTables {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: "*")]
    }
}

extension DescribeLimits {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: "*")]
    }
}

extension DescribeEndpoints {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: "*")]
    }
}

extension CreateTable {
    static func accesses(_ request: CreateTableRequest, _ service: Service) -> [Access] {
        var accesses = [service.access(name, request.tableName)]
        if !request.tags.isEmpty {
            accesses.append(service.access(TagResource.name, request.tableName))
        }
        if request.policy != nil {
            accesses.append(service.access(PutResourcePolicy.name, request.tableName))
        }
        return accesses
    }
}

extension DeleteTable {
    static func accesses(_ request: String, _ service: Service) -> [Access] {
        [service.access(name, request)]
    }
}

extension DescribeTable {
    static func accesses(_ request: String, _ service: Service) -> [Access] {
        [service.access(name, request)]
    }
}

extension UpdateTable {
    static func accesses(_ request: UpdateTableRequest, _ service: Service) -> [Access] {
        [service.access(name, request.tableName)]
    }
}

extension DescribeTimeToLive {
    static func accesses(_ request: String, _ service: Service) -> [Access] {
        [service.access(name, request)]
    }
}

extension UpdateTimeToLive {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [service.access(name, request.tableName)]
    }
}

extension TagResource {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request.resource.text)]
    }
}

extension UntagResource {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request.resource.text)]
    }
}

extension ListTagsOfResource {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request.resource.text)]
    }
}

extension PutResourcePolicy {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request.resource.text)]
    }
}

extension GetResourcePolicy {
    static func accesses(_ request: TableResource, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request.text)]
    }
}

extension DeleteResourcePolicy {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request.resource.text)]
    }
}

extension DescribeStream {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request.stream.text)]
    }
}

extension GetShardIterator {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request.stream.text)]
    }
}

extension GetRecords {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        guard let stream = iterator(request)?.stream else {
            return [Access(action: "dynamodb:\(name)", resource: "*")]
        }
        return [Access(action: "dynamodb:\(name)", resource: service.resourceName(of: stream))]
    }
}

extension ListStreams {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        let table = request.tableName ?? "*"
        return [
            Access(
                action: "dynamodb:\(name)",
                resource: service.resourceName(ofTable: table) + "/stream/*"
            )
        ]
    }
}
