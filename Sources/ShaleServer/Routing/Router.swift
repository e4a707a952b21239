internal import Logging
internal import ShaleEngine
internal import ShaleOperations
internal import ShalePlatform
internal import ShaleServices
internal import ShaleTables
internal import ShaleWire

/// Finds who answers a request.
///
///     POST /               the API, those of logs, of state machines and of roles, and who the caller is
///     GET  /               a line that says healthy, as the service's own endpoint does
///     /2015-03-31/…        the API of functions, where the server runs functions
///     /schedules/…         the API of schedules, where the server runs functions
///     GET  /shale/health   the same as JSON, 503 when writes are refused
///     GET  /shale/metrics  Prometheus
///     GET, POST /shale/clock   a virtual clock, where the server has one
///
/// Whatever the path, responses from 4 KB on are compressed as the client asks. A class, so that a request takes one
/// reference and not all that is in here.
final class Router: Sendable {
    let api: APIRoute
    let logs: LogsRoute
    /// Nil where the server keeps no state machines.
    let states: StatesRoute?
    let roles: IdentityRoute
    let identity: CallerIdentity
    /// Nil where the server runs no functions.
    let lambda: LambdaRoute?
    let scheduler: SchedulerRoute?
    /// Nil where the clock is the real one.
    let clock: ClockRoute?
    let region: String
    let metrics: ServerMetrics
    let engine: EngineObserver
    let database: Database
    let time: any TimeSource
    let startedNanoseconds: UInt64
    /// Nil when no pages of other origins may use the server.
    let crossOrigin: CrossOrigin?
    private let dates = DateHeader()

    init(
        api: APIRoute,
        logs: LogsRoute,
        states: StatesRoute?,
        roles: IdentityRoute,
        identity: CallerIdentity,
        lambda: LambdaRoute?,
        scheduler: SchedulerRoute?,
        clock: ClockRoute?,
        region: String,
        metrics: ServerMetrics,
        engine: EngineObserver,
        database: Database,
        time: any TimeSource,
        startedNanoseconds: UInt64,
        crossOrigin: CrossOrigin?
    ) {
        self.api = api
        self.logs = logs
        self.states = states
        self.roles = roles
        self.identity = identity
        self.lambda = lambda
        self.scheduler = scheduler
        self.clock = clock
        self.region = region
        self.metrics = metrics
        self.engine = engine
        self.database = database
        self.time = time
        self.startedNanoseconds = startedNanoseconds
        self.crossOrigin = crossOrigin
    }

    /// Answers a request; every request is answered, with the time at which it was.
    func respond(_ request: HTTPRequest) async -> HTTPResponse {
        // Most requests, so first, and not in the frame of all others: as long as a request waits, that lies in memory.
        if crossOrigin == nil, request.isPostToRoot, api.isMeant(request) {
            return finished(await api.respond(request), request)
        }
        return await respondToAny(request)
    }

    @inline(never)
    private func respondToAny(_ request: HTTPRequest) async -> HTTPResponse {
        if let answer = crossOrigin?.preflight(request) { return dated(answer) }
        return finished(await route(request), request)
    }

    /// A response as it is sent.
    @inline(never)
    private func finished(_ response: HTTPResponse, _ request: HTTPRequest) -> HTTPResponse {
        var response = response
        response.compress(for: request)
        crossOrigin?.permit(request, &response)
        return dated(response)
    }

    private func dated(_ response: HTTPResponse) -> HTTPResponse {
        var response = response
        response.dateLine = dates.line(wallMilliseconds: time.wallMilliseconds)
        return response
    }

    private func route(_ request: HTTPRequest) async -> HTTPResponse {
        if request.isPostToRoot {
            if api.isMeant(request) { return await api.respond(request) }
            if let answer = await logs.respond(request) { return answer }
            if let answer = await states?.respond(request) { return answer }
            guard CallerIdentity.isMeant(request) else { return await api.respond(request) }
            if let answer = await roles.respond(request) { return answer }
            return identity.respond(request, nowSeconds: time.wallMilliseconds / 1_000)
        }
        let isRead = ["GET", "HEAD"].contains(request.method)
        switch request.path {
        case "/":
            guard isRead else { return wrongMethod("GET, HEAD, POST") }
            return .text(200, "healthy: dynamodb.\(region).amazonaws.com ")
        case "/shale/health":
            return isRead ? health() : wrongMethod("GET, HEAD")
        case "/shale/metrics":
            return isRead ? prometheus() : wrongMethod("GET, HEAD")
        case ClockRoute.path:
            return await clock?.respond(request)
                ?? .text(
                    404,
                    "The clock is the real one; `shale serve --virtual-clock` has another."
                )
        default:
            if let answer = await lambda?.respond(request) { return answer }
            if let answer = await scheduler?.respond(request) { return answer }
            return .text(404, "There is nothing at this path; the API is at POST /.")
        }
    }

    private func wrongMethod(_ allowed: String) -> HTTPResponse {
        var response = HTTPResponse.text(405, "This path answers only \(allowed).")
        response.headers = [("Allow", allowed)]
        return response
    }

    private func health() -> HTTPResponse {
        let failure = engine.failure
        let uptime = time.monotonicNanoseconds - startedNanoseconds
        var writer = JSONWriter()
        writer.beginObject()
        writer.name("status")
        writer.string(failure == nil ? "ok" : "failed")
        if let failure {
            writer.name("reason")
            writer.string(failure)
        }
        writer.name("region")
        writer.string(region)
        writer.name("uptimeSeconds")
        writer.integer(Int(uptime / 1_000_000_000))
        writer.endObject()
        return HTTPResponse(
            status: failure == nil ? 200 : 503,
            contentType: "application/json",
            body: writer.bytes
        )
    }

    private func prometheus() -> HTTPResponse {
        let statistics = database.statistics
        let mappings =
            lambda.map {
                MetricSample.samples(of: $0.service.mappings, now: time.wallMilliseconds)
            } ?? []
        let page = PrometheusText(
            metrics.snapshot,
            engine: engine.samples + MetricSample.samples(of: statistics)
                + MetricSample.samples(of: database.itemCacheStatistics, named: "item_cache")
                + MetricSample.samples(of: database.pageCacheStatistics, named: "page_cache")
                + MetricSample.samples(of: database.streamSpaceStatistics)
                + MetricSample.samples(ofUsage: database.usage().there) + mappings,
            durations: statistics.durations
        )
        return HTTPResponse(
            status: 200,
            contentType: PrometheusText.contentType,
            body: Array(page.text.utf8)
        )
    }
}
