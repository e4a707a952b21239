internal import Logging
internal import ShaleTables

/// Makes log lines of what tables tell about their work in the background.
struct DatabaseEventLog: Sendable {
    let logger: Logger

    func observe(_ event: DatabaseEvent) {
        switch event {
        case .indexFilled(let table, let index):
            logger.info("index filled", metadata: ["table": "\(table)", "index": "\(index)"])
        case .indexFillingFailed(let table, let index, let error):
            logger.error(
                "index could not be filled; it is tried again at the next start",
                metadata: ["table": "\(table)", "index": "\(index)", "reason": "\(error.message)"]
            )
        case .tableRestored(let table):
            logger.info("table restored", metadata: ["table": "\(table)"])
        case .restoreFailed(let table, let error):
            logger.error(
                "table could not be restored; it is tried again at the next start",
                metadata: ["table": "\(table)", "reason": "\(error.message)"]
            )
        case .importRefusedItems(let table, let count, let first):
            logger.warning(
                "an import passed over records that are no items of its table",
                metadata: ["table": "\(table)", "count": "\(count)", "first": "\(first)"]
            )
        case .expiryFailed(let table, let error):
            logger.warning(
                "expired items could not be deleted; it is tried again",
                metadata: ["table": "\(table)", "reason": "\(error.message)"]
            )
        case .streamsFull(let space):
            logger.error(
                "the disk budget of streams is used up: writes to tables with a stream are throttled until old records go",
                metadata: [
                    "takenBytes": "\(space.takenBytes)", "budgetBytes": "\(space.budgetBytes)",
                ]
            )
        case .streamsHaveSpace:
            logger.notice(
                "streams have space again, and writes to tables with a stream are taken"
            )
        case .housekeepingFailed(let error):
            logger.warning(
                "streams could not be renewed or trimmed; it is tried again",
                metadata: ["reason": "\(error.message)"]
            )
        }
    }
}
