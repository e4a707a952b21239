import Logging
import ShaleEngine
import ShaleOperations
import ShalePlatform
import ShaleWire
import Synchronization
import Testing

@testable import ShaleServer

/// The parts of the server that decide without a socket.
struct PureTests {
    // MARK: Connections

    @Test func `a head has one deadline, a body a new one with each piece`() {
        var limits = HTTPLimits()
        limits.idleTimeout = .nanoseconds(1_000)
        limits.headTimeout = .nanoseconds(100)
        limits.stallTimeout = .nanoseconds(10)
        var lifecycle = ConnectionLifecycle(limits, now: 0)
        #expect(lifecycle.deadline == 1_000)
        lifecycle.enter(.head, now: 50)
        lifecycle.enter(.head, now: 90)
        #expect(lifecycle.deadline == 150)
        #expect(!lifecycle.hasExpired(now: 149))
        #expect(lifecycle.hasExpired(now: 150))
        lifecycle.enter(.body, now: 91)
        lifecycle.enter(.body, now: 99)
        #expect(lifecycle.deadline == 109)
        lifecycle.enter(.responding, now: 100)
        #expect(lifecycle.deadline == nil)
        #expect(!lifecycle.hasExpired(now: .max))
        #expect(!lifecycle.mayParse)
        lifecycle.enter(.flushing, now: 200)
        #expect(lifecycle.deadline == 210)
        lifecycle.enter(.idle, now: 201)
        #expect(lifecycle.deadline == 1_201)
        #expect(lifecycle.mayParse)
    }

    @Test(arguments: [
        (
            true, false, false,
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\r\nno\n"
        ),
        (
            false, false, false,
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\nConnection: close\r\n\r\nno\n"
        ),
        (
            true, true, false,
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\nConnection: keep-alive\r\n\r\nno\n"
        ),
        (
            true, false, true,
            "HTTP/1.1 404 Not Found\r\nContent-Type: text/plain; charset=utf-8\r\nContent-Length: 3\r\n\r\n"
        ),
    ])
    func `a response's bytes`(keepsAlive: Bool, toVersion10: Bool, withoutBody: Bool, text: String)
    {
        let bytes = HTTPResponse.text(404, "no").bytes(
            keepsAlive: keepsAlive,
            toVersion10: toVersion10,
            withoutBody: withoutBody
        )
        #expect(bytes == Array(text.utf8))
    }

    // MARK: Credentials

    @Test func `the environment has a whole credential or none`() throws {
        let id = CredentialSource.accessKeyIDVariable
        let secret = CredentialSource.secretVariable
        #expect(try CredentialSource.fromEnvironment([:]).isEmpty)
        #expect(try CredentialSource.fromEnvironment([id: "", secret: ""]).isEmpty)
        let both = try CredentialSource.fromEnvironment([id: "a", secret: "b"])
        #expect(both.map(\.accessKeyID) == ["a"])
        for half in [[id: "a"], [secret: "b"], [id: "a", secret: ""]] {
            let error = #expect(throws: ServerError.self) {
                _ = try CredentialSource.fromEnvironment(half)
            }
            #expect(error?.code == .badCredentials)
        }
    }

    @Test(arguments: [
        ("a:b", ["a"]), ("a:b\nc:d:e\n", ["a", "c"]), ("# x\r\n\r\n  a:b  \r\n", ["a"]),
    ])
    func `a file has a credential on each line`(text: String, ids: [String]) throws {
        let keys = try CredentialSource.fromFile(text, path: "keys") { _ in nil }
        #expect(keys.credentials.map(\.accessKeyID) == ids)
        #expect(keys.callers.isEmpty)
    }

    @Test(arguments: [
        ("", "keys holds no credentials."), ("# a:b\n", "keys holds no credentials."),
        ("a:b\nab\n", "keys, line 2: a line begins with `id:secret`."),
        (":b", "keys, line 1: a line begins with `id:secret`."),
        ("a:", "keys, line 1: a line begins with `id:secret`."),
        (
            "a:b c",
            "keys, line 1: behind `id:secret` stand `user=NAME` and `policy=FILE`, nothing else."
        ),
        ("a:b policy=c", "keys, line 1: c cannot be read."),
        (
            "a:b policy=bad",
            "keys, line 1: bad: Invalid policy document: an object was expected"
        ),
        (
            "a:b user=*",
            "keys, line 1: a user's name has up to 64 letters, digits and + = , . @ _ -"
        ),
    ])
    func `a file that is not one names its line`(text: String, words: String) {
        let error = #expect(throws: ServerError.self) {
            _ = try CredentialSource.fromFile(text, path: "keys") { name in
                name == "bad" ? Array("[]".utf8) : nil
            }
        }
        #expect(error == ServerError(.badCredentials, words))
    }

    @Test func `a key with policies is somebody`() throws {
        let policy =
            #"{"Version":"2012-10-17","Statement":[{"Effect":"Allow","Action":"*","Resource":"*"}]}"#
        let keys = try CredentialSource.fromFile(
            "a:b user=reader policy=one policy=two\nc:d\n",
            path: "keys"
        ) { _ in Array(policy.utf8) }
        #expect(keys.callers["a"]?.userName == "reader")
        #expect(keys.callers["a"]?.policies?.count == 2)
        #expect(keys.callers["c"] == nil)
    }

    // MARK: What is told

    @Test func `a log line is one line of JSON`() {
        struct Noon: TimeSource {
            var monotonicNanoseconds: UInt64 { 0 }
            var wallMilliseconds: Int64 { 784_111_777_007 }
        }
        let lines = Lines()
        var logger = Logger(label: "shale") { label in
            JSONLogHandler(label: label, level: .info, time: Noon()) { lines.append($0) }
        }
        logger[metadataKey: "always"] = "x"
        logger.debug("not written")
        logger.warning("two\nlines", metadata: ["b": ["1", "2"], "a": ["k": "\""]])
        #expect(
            lines.text
                == #"{"time":"1994-11-06T08:49:37.007Z","level":"warning","label":"shale","message":"two\nlines","metadata":{"a":{"k":"\""},"always":"x","b":["1","2"]}}"#
                + "\n"
        )
    }

    @Test func `a failed log is counted, logged and unhealthy`() {
        let lines = Lines()
        let logger = Logger(label: "shale") { label in
            JSONLogHandler(label: label, level: .info, time: PosixTimeSource()) { lines.append($0) }
        }
        let observer = EngineObserver(logger)
        observer.observe(.flushed(entries: 3, bytes: 100))
        observer.observe(.flushed(entries: 1, bytes: 20))
        #expect(observer.failure == nil)
        #expect(lines.text.isEmpty)
        observer.observe(.logFailed(EngineError(.diskFull, "no space")))
        #expect(observer.failure?.contains("no space") == true)
        #expect(lines.text.contains(#""level":"critical""#))
        let samples = Dictionary(
            observer.samples.map { ($0.name, $0.value) },
            uniquingKeysWith: { first, _ in first }
        )
        #expect(samples["shale_engine_flushes_total"] == 2)
        #expect(samples["shale_engine_flushed_bytes_total"] == 120)
        #expect(samples["shale_engine_failed"] == 1)
    }

    @Test func `a full disk and a segment that failed are counted and logged`() {
        let lines = Lines()
        let logger = Logger(label: "shale") { label in
            JSONLogHandler(label: label, level: .info, time: PosixTimeSource()) { lines.append($0) }
        }
        let observer = EngineObserver(logger)
        func sample(_ name: String) -> Double? {
            observer.samples.first { $0.name == "shale_engine_" + name }?.value
        }
        #expect(sample("disk_full") == 0)
        observer.observe(.diskFull(EngineError(.diskFull, "nothing is left")))
        observer.observe(.logMoved(EngineError(.inputOutput, "it failed")))
        #expect(sample("disk_full") == 1)
        #expect(lines.text.contains("nothing is left") && lines.text.contains("it failed"))
        observer.observe(.diskHasSpace)
        #expect(sample("disk_full") == 0)
        #expect(sample("full_disks_total") == 1)
        #expect(sample("log_moves_total") == 1)
        // Reads go on, and so does everything else soon.
        #expect(observer.failure == nil)
    }

    @Test func `a histogram's buckets add up`() {
        var histogram = LatencyHistogram()
        for nanoseconds: UInt64 in [0, 50_000, 50_001, 1_000_000, 11_000_000_000] {
            histogram.record(nanoseconds: nanoseconds)
        }
        #expect(histogram.counts[0] == 2)
        #expect(histogram.counts[1] == 1)
        #expect(histogram.counts.last == 1)
        #expect(histogram.counts.reduce(0, +) == 5)
    }

    final class Lines: Sendable {
        private let lines = Mutex<[UInt8]>([])
        func append(_ line: [UInt8]) { lines.withLock { $0 += line } }
        var text: String { lines.withLock { String(decoding: $0, as: UTF8.self) } }
    }
}
