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
        if request.isCold { _ = benchDropPageCache(request.directory) }
        let store = S(request.engine, request)
        if Row.isWarmed(request.row) { Reads.warm(store, request) }
        Report.watchMemory()
        let meter = Meter()
        let result = Row.run(store, request)
        if result.writes {
            store.settle()
            Meter.waitUntilIdle()
        }
        var report = Report(request, result, meter)
        report.add("settings", text: S.settings(request.engine, request))
        store.close()
        report.addDirectory(request.directory)
        report.write()
    }
}
