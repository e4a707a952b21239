internal import Logging
internal import ShaleEngine
internal import Synchronization

/// Makes log lines and counts of what the engine tells about itself.
final class EngineObserver: Sendable {
    private struct State {
        var flushes = 0
        var flushedBytes = 0
        var compactions = 0
        var compactionInputBytes = 0
        var splits = 0
        var backgroundFailures = 0
        var logMoves = 0
        var archiveFailures = 0
        var isArchiveFailing = false
        var fullDisks = 0
        var isDiskFull = false
        var damagedPlaces = 0
        var failure: String?
    }

    private let logger: Logger
    private let extra: @Sendable () -> [MetricSample]
    private let state = Mutex(State())

    /// Logs to `logger`; `extra` is asked for more numbers at each scrape.
    init(_ logger: Logger, extra: @escaping @Sendable () -> [MetricSample] = { [] }) {
        self.logger = logger
        self.extra = extra
    }

    /// Why the engine takes no more writes, if it does not.
    var failure: String? { state.withLock { $0.failure } }

    func observe(_ event: EngineEvent) {
        count(event)
        log(event)
    }

    private func count(_ event: EngineEvent) {
        state.withLock { state in
            switch event {
            case .flushed(_, let bytes):
                state.flushes += 1
                state.flushedBytes += bytes
            case .compacted(let inputBytes):
                state.compactions += 1
                state.compactionInputBytes += inputBytes
            case .split: state.splits += 1
            case .backgroundFailed: state.backgroundFailures += 1
            case .damageFound: state.damagedPlaces += 1
            case .logFailed(let error): state.failure = error.description
            case .logMoved: state.logMoves += 1
            case .archiveFailed:
                state.archiveFailures += 1
                state.isArchiveFailing = true
            case .archiveWorks: state.isArchiveFailing = false
            case .diskFull:
                state.fullDisks += 1
                state.isDiskFull = true
            case .diskHasSpace: state.isDiskFull = false
            case .opened, .tailCut: break
            }
        }
    }

    private func log(_ event: EngineEvent) {
        switch event {
        case .opened(let records, let bytes):
            logger.info(
                "database opened",
                metadata: ["replayedRecords": "\(records)", "replayedBytes": "\(bytes)"]
            )
        case .tailCut(let file, let offset):
            logger.warning(
                "a torn end of the log was cut off; nothing acknowledged was in it",
                metadata: ["file": "\(file)", "offset": "\(offset)"]
            )
        case .flushed(let entries, let bytes):
            logger.debug("flushed", metadata: ["entries": "\(entries)", "bytes": "\(bytes)"])
        case .compacted(let inputBytes):
            logger.debug("compacted", metadata: ["inputBytes": "\(inputBytes)"])
        case .split(let table): logger.info("partition split", metadata: ["table": "\(table)"])
        case .backgroundFailed(let error):
            logger.warning(
                "background work failed and will be tried again",
                metadata: ["reason": "\(error)"]
            )
        case .logMoved(let error):
            logger.error(
                "a segment of the log failed; the log goes on in another, and nothing was lost",
                metadata: ["reason": "\(error)"]
            )
        case .archiveFailed(let error):
            logger.error(
                "log could not be archived: it is kept, and takes space, until it can",
                metadata: ["reason": "\(error)"]
            )
        case .archiveWorks: logger.notice("the log is archived again")
        case .diskFull(let error):
            logger.error(
                "the disk is full: new values are refused, reads and deletions go on",
                metadata: ["reason": "\(error)"]
            )
        case .diskHasSpace:
            logger.notice("there is space on the disk again, and writes are taken")
        case .damageFound(let error):
            logger.critical(
                "damage on the disk: reads that need these bytes fail; see `shale verify --online`",
                metadata: [
                    "file": "\(error.file ?? "")", "offset": "\(error.offset ?? 0)",
                    "reason": "\(error.reason)",
                ]
            )
        case .logFailed(let error):
            logger.critical(
                "the log failed: no more writes until the server is started anew",
                metadata: ["reason": "\(error)"]
            )
        }
    }

    /// The numbers for Prometheus.
    var samples: [MetricSample] {
        let state = state.withLock { $0 }
        func counter(_ name: String, _ help: String, _ value: Int) -> MetricSample {
            MetricSample("shale_engine_" + name, help, .counter, Double(value))
        }
        return [
            counter("flushes_total", "Memtables written to runs.", state.flushes),
            counter("flushed_bytes_total", "Bytes of flushed runs.", state.flushedBytes),
            counter("compactions_total", "Compactions.", state.compactions),
            counter(
                "compaction_input_bytes_total",
                "Bytes that compactions read.",
                state.compactionInputBytes
            ),
            counter("splits_total", "Partitions cut in two.", state.splits),
            counter(
                "background_failures_total",
                "Failures of background work.",
                state.backgroundFailures
            ),
            counter("log_moves_total", "Segments of the log that failed.", state.logMoves),
            counter(
                "archive_failures_total",
                "Times the log could not be archived.",
                state.archiveFailures
            ),
            MetricSample(
                "shale_engine_archive_failing",
                "1 while log waits to be archived that could not be.",
                .gauge,
                state.isArchiveFailing ? 1 : 0
            ),
            counter("full_disks_total", "Times the disk was full.", state.fullDisks),
            MetricSample(
                "shale_engine_disk_full",
                "1 while the disk is full and new values are refused.",
                .gauge,
                state.isDiskFull ? 1 : 0
            ),
            counter(
                "damaged_places_total",
                "Places where the scrubber has met damage.",
                state.damagedPlaces
            ),
            MetricSample(
                "shale_engine_failed",
                "1 when the log has failed and writes are refused.",
                .gauge,
                state.failure == nil ? 0 : 1
            ),
        ] + extra()
    }
}
