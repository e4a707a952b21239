internal import ShaleItems
package import ShalePlatform
package import ShaleTables
internal import Synchronization

/// The functions of a database: what there is, and the one door through which it runs.
///
/// An invocation finds its function, is counted in (or refused), takes an environment that waits or has one started, and
/// is told in the log: START, what the function writes, END, REPORT.
package final class Functions: Sendable {
    /// Reading and writing what functions there are.
    package let registry: FunctionRegistry
    /// Their code.
    package let code: CodeStore
    /// What layers there are.
    let layers: LayerRegistry
    /// The region and the account in names.
    package let region: String
    /// Twelve digits.
    package let account: String
    let database: Database
    let world: World
    let host: any FunctionHost
    let log: any FunctionLog
    let pool: Mutex<FunctionPool>
    let turns = Turns()
    /// What was used since the program started, by function.
    let used = Mutex<[String: FunctionUsage]>([:])
    /// The versions of which environments are kept ready, by their key.
    let provisionedVersions = Mutex<[String: FunctionConfiguration]>([:])
    /// Where failures of events can be told, by the buckets' names.
    let buckets: [String: any Bucket]
    let eventTable: SystemTable
    let events = Mutex(EventQueue())
    /// The closures that are functions, by their names.
    let closures = Mutex<[String: FunctionClosure.Body]>([:])
    /// What is being made ready, by function.
    let preparations = Mutex<[String: Preparation]>([:])

    struct Preparation {
        var revision: String
        var task: Task<Void, Never>
    }

    /// Opens what there is.
    ///
    /// - Throws: `.internalFailure`.
    package init(
        _ database: Database,
        host: any FunctionHost,
        log: any FunctionLog,
        world: World,
        region: String,
        account: String,
        buckets: [String: any Bucket] = [:]
    ) async throws(DatabaseError) {
        eventTable = try await database.systemTable(
            "$events",
            key: KeySchema(
                partition: KeySchema.Attribute("function", .string),
                sort: KeySchema.Attribute("place", .string)
            )
        )
        self.buckets = buckets
        registry = try await FunctionRegistry(database)
        code = try await CodeStore(database)
        layers = try await LayerRegistry(database)
        // More processes than that only slow each other down.
        pool = Mutex(FunctionPool(startsAtOnce: max(4, 2 * world.scheduler.processorCount)))
        self.database = database
        self.host = host
        self.log = log
        self.world = world
        self.region = region
        self.account = account
    }

    /// Draws what a request is known by: a UUID.
    package func makeIdentity() -> String { database.makeUUID() }

    /// The resource name of a function.
    package func resourceName(_ name: String, _ qualifier: String? = nil) -> String {
        "arn:aws:lambda:\(region):\(account):function:\(name)" + (qualifier.map { ":\($0)" } ?? "")
    }

    /// The function, or the version of it, that a qualifier names.
    ///
    /// - Throws: `.resourceNotFound`, `.service`.
    package func function(
        _ name: String,
        _ qualifier: String? = nil
    ) async throws(FunctionError) -> FunctionConfiguration {
        var what = "function"
        if let qualifier, qualifier != "$LATEST" {
            what = FunctionRegistry.versionKey(qualifier)
            if Int(qualifier) == nil {
                let alias = try await stored { () async throws(DatabaseError) in
                    try await self.registry.part("alias#\(qualifier)", of: name)
                }
                guard let alias else { throw missing(name, qualifier) }
                what = FunctionRegistry.versionKey(chosenVersion(alias))
            }
            if what.hasSuffix("$LATEST") { what = "function" }
        }
        let wanted = what
        let fields = try await stored { () async throws(DatabaseError) in
            try await self.registry.part(wanted, of: name)
        }
        guard let fields else { throw missing(name, qualifier) }
        return FunctionConfiguration(fields)
    }

    /// The version that an alias stands for this time.
    private func chosenVersion(_ alias: Item) -> String {
        let main = alias["FunctionVersion"]?.stringValue ?? "$LATEST"
        let weights = alias["RoutingConfig"]?.mapValue?["AdditionalVersionWeights"]?.mapValue ?? [:]
        // 53 bits: as many as a double holds.
        var draw = Double(world.randomness.next() >> 11) / Double(UInt64(1) << 53)
        for (version, weight) in weights {
            guard let number = weight.numberValue, let share = Double("\(number)") else { continue }
            if draw < share { return version }
            draw -= share
        }
        return main
    }

    /// The error for a function that is not there.
    package func missing(_ name: String, _ qualifier: String? = nil) -> FunctionError {
        FunctionError(
            .resourceNotFound,
            "Function not found: \(resourceName(name, qualifier))"
        )
    }

    /// Runs what reads or writes the database, and tells its errors as the service's.
    func stored<Answer: Sendable>(
        _ body: () async throws(DatabaseError) -> Answer
    ) async throws(FunctionError) -> Answer {
        do throws(DatabaseError) {
            return try await body()
        } catch {
            throw FunctionError(.service, error.message)
        }
    }

    /// What was used since the program started, by function; of those that are gone, too.
    package var usage: [String: FunctionUsage] { used.withLock { $0 } }

    /// Ends all environments.
    package func stop() {
        pool.withLock { $0.provisions = [:] }
        for environment in pool.withLock({ $0.removeAll { _, _ in true } }) { environment.stop() }
    }

    /// Ends the environments that wait for invocations of a version: what they run is out of date.
    ///
    /// Versions with a number never are, as long as they are there. An empty one is all.
    func retire(_ name: String, _ version: String) {
        let prefix = name + "/" + (version.isEmpty ? "" : version + "/")
        let gone = pool.withLock { $0.removeAll { key, _ in key.hasPrefix(prefix) } }
        for environment in gone { environment.stop() }
    }

    /// Ends the environments that have waited for too long, and starts those that are missing of what is kept ready.
    package func reap() {
        let now = world.time.monotonicNanoseconds
        let idle = UInt64(FunctionLimits.idle.components.seconds) * 1_000_000_000
        if now > idle {
            let gone = pool.withLock { $0.removeOld(before: now - idle) }
            for environment in gone { environment.stop() }
        }
        replenishAll()
    }
}
