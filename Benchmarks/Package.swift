// swift-tools-version: 6.2
import PackageDescription

// The engine beside its peers. A package of its own, so that nobody who uses Shale builds five other
// databases: see Docs/Benchmarks.md, and `Benchmarks/run`, which installs what the peers need.
let package = Package(
    name: "shale-benchmarks",
    platforms: [.macOS(.v26)],
    dependencies: [.package(name: "shale", path: "..")],
    targets: [
        .target(
            name: "CPeers",
            cxxSettings: [.unsafeFlags(["-O2", "-fno-exceptions"])],
            linkerSettings: [
                .linkedLibrary("rocksdb"), .linkedLibrary("leveldb"), .linkedLibrary("lmdb"),
                .linkedLibrary("wiredtiger"), .linkedLibrary("sqlite3"), .linkedLibrary("stdc++"),
            ]
        ),
        .executableTarget(
            name: "ShaleBenchmarks",
            dependencies: ["CPeers", .product(name: "ShaleEngine", package: "shale")],
            swiftSettings: [
                .enableUpcomingFeature("ExistentialAny"),
                .enableUpcomingFeature("InternalImportsByDefault"),
                .enableUpcomingFeature("MemberImportVisibility"),
                .treatAllWarnings(as: .error),
            ]
        ),
    ],
    swiftLanguageModes: [.v6],
    cxxLanguageStandard: .cxx17
)
