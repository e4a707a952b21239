internal import CPeers

/// What one child process is asked to do.
struct Request: Sendable {
    var row = ""
    var engine = ""
    var directory = ""
    var keyCount = 1_000_000
    var valueSize = 400
    var threads = 1
    /// How long rows that are not a fixed amount of work run.
    var seconds = 3.0
    var seed: UInt64 = 42
    var cacheBytes = 1 << 30
    var memtableBytes = 64 << 20
    /// Most log that ours keeps, which is also what its memtables may hold.
    var logCapBytes = 256 << 20
    var isSynced = false
    var isCold = false
    /// Operations a second of an open loop, for all threads together.
    var rate = 0.0
    /// The same of the writer beside a reader.
    var writeRate = 0.0

    /// An upper bound of what the row holds.
    var dataBytes: Int { keyCount * (valueSize + 64) * 2 }

    /// From arguments `--name value`.
    init(_ arguments: [String]) {
        var index = 0
        while index + 1 < arguments.count {
            set(arguments[index], arguments[index + 1])
            index += 2
        }
        guard index == arguments.count, !row.isEmpty, !engine.isEmpty else {
            fail(
                "usage: ShaleBenchmarks --row R --engine E --directory D [--keys N …]; see Benchmarks/run"
            )
        }
    }

    private mutating func set(_ name: String, _ value: String) {
        switch name {
        case "--row": row = value
        case "--engine": engine = value
        case "--directory": directory = value
        case "--keys": keyCount = number(value)
        case "--value": valueSize = number(value)
        case "--threads": threads = number(value)
        case "--seconds": seconds = Double(value) ?? seconds
        case "--seed": seed = UInt64(number(value))
        case "--cache": cacheBytes = number(value)
        case "--memtable": memtableBytes = number(value)
        case "--log-cap": logCapBytes = number(value)
        case "--synced": isSynced = value == "yes"
        case "--cold": isCold = value == "yes"
        case "--rate": rate = Double(value) ?? 0
        case "--write-rate": writeRate = Double(value) ?? 0
        default: fail("unknown argument \(name)")
        }
    }

    private func number(_ text: String) -> Int {
        guard let number = Int(text) else { fail("not a number: \(text)") }
        return number
    }
}

/// Ends the process with a reason.
func fail(_ reason: String) -> Never { benchFail("ShaleBenchmarks", reason) }
