internal import Logging
internal import ServiceLifecycle
internal import ShaleMeter
internal import ShaleTables

/// Folds the meter once a minute, and when the server ends.
struct MeterService: ServiceLifecycle.Service, CustomStringConvertible {
    private static let interval = Duration.seconds(60)

    private let database: Database
    private let logger: Logger

    init(_ database: Database, _ logger: Logger) {
        self.database = database
        self.logger = logger
    }

    var description: String { "meter" }

    func run() async throws {
        let meter: Meter
        do throws(DatabaseError) {
            meter = try await Meter(database)
        } catch {
            // A server without a meter is better than none.
            logger.warning(
                "what is used is not metered until the next start",
                metadata: ["error": "\(error.message)"]
            )
            return await waitForTheEnd()
        }
        do {
            try await cancelWhenGracefulShutdown {
                while true {
                    try await Task.sleep(for: Self.interval)
                    await fold(meter)
                }
            }
        } catch is CancellationError {
            // The server ends: what is left is folded now, once all requests are answered.
        }
        await fold(meter)
    }

    private func fold(_ meter: Meter) async {
        do throws(DatabaseError) {
            try await meter.fold()
        } catch {
            logger.warning(
                "what was used could not be written down; it is tried again",
                metadata: ["error": "\(error.message)"]
            )
        }
    }

    private func waitForTheEnd() async {
        do {
            try await gracefulShutdown()
        } catch {
            // Cancelled: there is nothing to end.
        }
    }
}
