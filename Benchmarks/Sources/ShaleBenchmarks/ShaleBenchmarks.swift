internal import CPeers

/// One row of one engine in one process; `Benchmarks/run` starts it, and prints what many of them measured.
@main
enum ShaleBenchmarks {
    static func main() {
        let request = Request(Array(CommandLine.arguments.dropFirst()))
        switch request.engine {
        case "shale": run(ShaleStore.self, request)
        default: run(PeerStore.self, request)
        }
    }

    private static func run<S: Store>(_: S.Type, _ request: Request) {
        if request.isCold { keepCold(request.directory) }
        if request.isSynced { benchSync() }
        Report.watchMemory()
        let store: S
        let meter: Meter
        let result: RowResult
        switch request.row {
        case "recovery":
            meter = Meter()
            (store, result) = Crash.recover(S.self, request)
        case "crash": Crash.fill(S(request.engine, request), request)
        default:
            store = S(request.engine, request)
            if Row.isWarmed(request.row) {
                // What opening has begun would replace files, and with them what is in the cache.
                Meter.waitUntilIdle()
                Reads.warm(store, request)
            }
            meter = Meter()
            result = Row.run(store, request)
        }
        if result.writes {
            store.settle()
            Meter.waitUntilIdle()
        }
        var report = Report(request, result, meter)
        report.add("settings", text: S.settings(request.engine, request))
        for (name, value) in store.counted { report.add(name, value) }
        store.close()
        report.addDirectory(request.directory)
        report.write()
    }

    /// Empties the page cache, and drops again and again what reads bring into it: the row is about the disk.
    private static func keepCold(_ directory: String) {
        _ = benchDropPageCache(directory)
        // Kept until the process ends.
        let path = UnsafeMutablePointer<CChar>.allocate(capacity: directory.utf8.count + 1)
        directory.withCString { path.initialize(from: $0, count: directory.utf8.count + 1) }
        benchEvery(
            0.1,
            { path in
                if let path { benchForgetPages(path.assumingMemoryBound(to: CChar.self)) }
            },
            path
        )
    }
}
