internal import ShaleEngine

/// One number that the engine tells about itself.
public struct MetricSample: Sendable, Equatable {
    /// How Prometheus treats a number.
    public enum Kind: String, Sendable {
        /// Only grows.
        case counter
        /// Goes up and down.
        case gauge
    }

    /// The name, with its unit last: `shale_memtable_bytes`.
    public var name: String
    /// What it counts, in a sentence.
    public var help: String
    /// Whether it only grows.
    public var kind: Kind
    /// The number.
    public var value: Double
    /// Which of several numbers of that name it is, as `mapping="7"`; empty where there is one alone.
    public var label = ""

    /// Makes a sample.
    public init(_ name: String, _ help: String, _ kind: Kind, _ value: Double) {
        self.name = name
        self.help = help
        self.kind = kind
        self.value = value
    }
}

/// Counts in Prometheus' text format, version 0.0.4.
struct PrometheusText {
    static let contentType = "text/plain; version=0.0.4; charset=utf-8"

    private(set) var text = ""
    private var lastName = ""

    /// The page of a server and of its engine.
    init(
        _ state: ServerMetrics.State,
        engine: [MetricSample],
        durations: EngineDurations = EngineDurations()
    ) {
        requests(state)
        latencies(state)
        sample(
            MetricSample(
                "shale_connections_open",
                "Connections that are open.",
                .gauge,
                Double(state.openConnections)
            )
        )
        sample(
            MetricSample(
                "shale_connections_accepted_total",
                "Connections that were taken in.",
                .counter,
                Double(state.acceptedConnections)
            )
        )
        sample(
            MetricSample(
                "shale_connections_refused_total",
                "Connections that were refused because there were too many.",
                .counter,
                Double(state.refusedConnections)
            )
        )
        sample(
            MetricSample(
                "shale_received_bytes_total",
                "Bytes that came over connections.",
                .counter,
                Double(state.receivedBytes)
            )
        )
        sample(
            MetricSample(
                "shale_sent_bytes_total",
                "Bytes that went over connections.",
                .counter,
                Double(state.sentBytes)
            )
        )
        for each in engine { sample(each) }
        engineDurations(durations)
    }

    private mutating func engineDurations(_ durations: EngineDurations) {
        let name = "shale_engine_duration_seconds"
        head(name, "How long work of the engine took, and waits of writers.", "histogram")
        for (what, histogram) in durations.named {
            let label = "what=\"\(what.replacing(" ", with: "_"))\""
            for bound in LatencyHistogram.boundsMicroseconds {
                let seconds = number(Double(bound) / 1_000_000)
                let count = histogram.count(upTo: bound * 1_000)
                text += "\(name)_bucket{\(label),le=\"\(seconds)\"} \(count)\n"
            }
            let total = Double(histogram.totalNanoseconds) / 1_000_000_000
            text += "\(name)_bucket{\(label),le=\"+Inf\"} \(histogram.count)\n"
            text += "\(name)_sum{\(label)} \(number(total))\n"
            text += "\(name)_count{\(label)} \(histogram.count)\n"
        }
    }

    private mutating func requests(_ state: ServerMetrics.State) {
        head("shale_requests_total", "Requests answered, by operation and HTTP status.", "counter")
        let ordered = state.requests.sorted {
            ($0.key.operation, $0.key.status) < ($1.key.operation, $1.key.status)
        }
        for (key, count) in ordered {
            text += "shale_requests_total{operation=\"\(key.operation)\",status=\"\(key.status)\"}"
            text += " \(count)\n"
        }
    }

    private mutating func latencies(_ state: ServerMetrics.State) {
        let name = "shale_request_duration_seconds"
        head(name, "Time from a whole request to its response.", "histogram")
        for (operation, histogram) in state.latencies.sorted(by: { $0.key < $1.key }) {
            var sum: UInt64 = 0
            for (index, count) in histogram.counts.enumerated() {
                sum += count
                let bounds = LatencyHistogram.boundsMicroseconds
                let bound =
                    index < bounds.count ? number(Double(bounds[index]) / 1_000_000) : "+Inf"
                text += "\(name)_bucket{operation=\"\(operation)\",le=\"\(bound)\"} \(sum)\n"
            }
            let seconds = Double(histogram.totalNanoseconds) / 1_000_000_000
            text += "\(name)_sum{operation=\"\(operation)\"} \(number(seconds))\n"
            text += "\(name)_count{operation=\"\(operation)\"} \(sum)\n"
        }
    }

    private mutating func sample(_ sample: MetricSample) {
        // Several of one name follow one another.
        if sample.name != lastName { head(sample.name, sample.help, sample.kind.rawValue) }
        lastName = sample.name
        let label = sample.label.isEmpty ? "" : "{\(sample.label)}"
        text += "\(sample.name)\(label) \(number(sample.value))\n"
    }

    private mutating func head(_ name: String, _ help: String, _ kind: String) {
        text += "# HELP \(name) \(help)\n# TYPE \(name) \(kind)\n"
    }

    private func number(_ value: Double) -> String {
        value.magnitude < 1e15 && value == value.rounded() ? String(Int64(value)) : "\(value)"
    }
}
