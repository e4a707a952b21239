internal import CPeers
internal import Synchronization

/// What the files of a database take.
enum Directory {
    /// How the names of log files look, of all engines.
    private static let logNames = [".log", "WiredTigerLog", "WiredTigerPreplog", "-wal"]

    static func logBytes(_ directory: String) -> Int {
        logNames.reduce(0) { $0 + Int(benchDirectoryBytes(directory, $1)) }
    }
}

/// One line of JSON: what a row measured.
struct Report {
    private var fields: [(name: String, value: String)] = []
    private static let peakAnonymous = Atomic<UInt64>(0)

    /// Watches anonymous memory from now on: the kernel keeps no peak of it.
    static func watchMemory() {
        benchEvery(
            0.02,
            { _ in
                let now = benchAnonymousBytes()
                if now > Report.peakAnonymous.load(ordering: .relaxed) {
                    Report.peakAnonymous.store(now, ordering: .relaxed)
                }
            },
            nil
        )
    }

    init(_ request: Request, _ result: RowResult, _ meter: Meter) {
        let histogram = RowResult.histogram(result.outcomes)
        let all = result.operations + result.beside.reduce(0) { $0 + $1.operations }
        add("row", text: request.row)
        add("engine", text: request.engine)
        add("threads", request.threads)
        add("valueSizeBytes", request.valueSize)
        add("keys", request.keyCount)
        add("durability", text: request.isSynced ? "synced" : "buffered")
        add("cacheBytes", request.cacheBytes)
        add("opsPerSecond", result.perSecond)
        add("operations", result.operations)
        add("latencySamples", histogram.count)
        add("p50Microseconds", histogram.microseconds(0.5))
        add("p99Microseconds", histogram.microseconds(0.99))
        add("p999Microseconds", histogram.microseconds(0.999))
        add("maxMicroseconds", histogram.microseconds(1))
        add("cpuMicrosecondsPerOperation", meter.processorMicroseconds / Double(max(all, 1)))
        add("bytesWritten", Int(meter.writtenBytes))
        add("userBytesWritten", result.userBytes)
        add("peakMemoryBytes", Int(benchPeakResidentBytes()))
        add("peakAnonymousBytes", Int(Self.peakAnonymous.load(ordering: .relaxed)))
        if !result.beside.isEmpty {
            let beside = RowResult.histogram(result.beside)
            add("besideOpsPerSecond", RowResult.perSecond(result.beside))
            add("besideP50Microseconds", beside.microseconds(0.5))
            add("besideP99Microseconds", beside.microseconds(0.99))
            add("besideP999Microseconds", beside.microseconds(0.999))
        }
        fields += result.extra.map { (name: $0.0, value: $0.1) }
    }

    mutating func add(_ name: String, text: String) {
        fields.append((name, "\"" + text.replacing("\"", with: "'") + "\""))
    }

    mutating func add(_ name: String, _ value: Int) { fields.append((name, String(value))) }

    mutating func add(_ name: String, _ value: Double) {
        fields.append((name, String((value * 1000).rounded() / 1000)))
    }

    /// What the closed engine left on disk; its log apart.
    mutating func addDirectory(_ directory: String) {
        add("bytesOnDisk", Int(benchDirectoryBytes(directory, nil)))
        add("logBytesOnDisk", Directory.logBytes(directory))
        add("reserveBytesOnDisk", Int(benchDirectoryBytes(directory, "RESERVE")))
    }

    func write() {
        print("{" + fields.map { "\"\($0.name)\":\($0.value)" }.joined(separator: ",") + "}")
    }
}
