internal import ShaleTables

// The operations on backups, in the words of policies.

extension CreateBackup {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [service.access(name, request.tableName)]
    }
}

extension DescribeBackup {
    static func accesses(_ request: BackupName, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request.text)]
    }
}

extension DeleteBackup {
    static func accesses(_ request: BackupName, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request.text)]
    }
}

extension ListBackups {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: "*")]
    }
}

extension RestoreTableFromBackup {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [
            Access(action: "dynamodb:\(name)", resource: request.backup.text),
            service.access(name, request.tableName),
        ]
    }
}

extension RestoreTableToPointInTime {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [service.access(name, request.sourceName), service.access(name, request.tableName)]
    }
}

extension DescribeContinuousBackups {
    static func accesses(_ request: String, _ service: Service) -> [Access] {
        [service.access(name, request)]
    }
}

extension UpdateContinuousBackups {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [service.access(name, request.tableName)]
    }
}

extension ExportTableToPointInTime {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [service.access(name, request.tableName)]
    }
}

extension ImportTable {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [service.access(name, request.table.tableName)]
    }
}

extension DescribeExport {
    static func accesses(_ request: String, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request)]
    }
}

extension DescribeImport {
    static func accesses(_ request: String, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: request)]
    }
}

extension ListExports {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: "*")]
    }
}

extension ListImports {
    static func accesses(_ request: Request, _ service: Service) -> [Access] {
        [Access(action: "dynamodb:\(name)", resource: "*")]
    }
}
