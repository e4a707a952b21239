// swift-tools-version: 6.2
import PackageDescription

/// One row of the layer table: a target, what it imports from lower layers, what it links from other packages.
struct Layered {
    let name: String
    let imports: [String]
    var products: [Target.Dependency] = []
}

// The architecture, lowest layer first. A target imports only targets of a LOWER layer, never a
// peer; `imports` is exactly what it imports. The loop below checks the rule.
let layers: [[Layered]] = [
    [  // 0. Bytes in memory. Pointers live here (and in ShalePlatform/Posix).
        Layered(name: "ShaleBytes", imports: ["CShaleShims", "CShaleLZ4", "CShaleZlib"]),
        Layered(
            name: "ShaleJSON",
            imports: [],
            products: [.product(name: "OrderedCollections", package: "swift-collections")]
        ),
    ],
    [  // 1. The world outside: files, clocks, randomness, threads. The model of an item. JSONata.
        Layered(name: "ShalePlatform", imports: ["ShaleBytes", "CShaleShims"]),
        Layered(name: "ShaleItems", imports: ["ShaleBytes"]),
        Layered(
            name: "ShaleJSONata",
            imports: ["ShaleJSON"],
            products: [.product(name: "OrderedCollections", package: "swift-collections")]
        ),
    ],
    [  // 2. Storage of ordered bytes; expressions; capacity units; state machines; pictures.
        Layered(name: "ShaleEngine", imports: ["ShaleBytes", "ShalePlatform"]),
        Layered(name: "ShaleExpressions", imports: ["ShaleItems", "ShaleBytes"]),
        Layered(name: "ShaleCapacity", imports: ["ShaleItems"]),
        Layered(name: "ShaleCache", imports: ["ShaleBytes"]),
        Layered(
            name: "ShaleStates",
            imports: ["ShaleJSONata", "ShaleJSON"],
            products: [.product(name: "OrderedCollections", package: "swift-collections")]
        ),
        Layered(
            name: "ShaleGraphs",
            imports: ["ShaleJSON", "ShalePlatform"],
            products: [.product(name: "OrderedCollections", package: "swift-collections")]
        ),
    ],
    [  // 3. Items in tables: secondary indexes, conditions, queries. The embedding API lives here.
        Layered(
            name: "ShaleTables",
            imports: [
                "ShaleEngine", "ShaleExpressions", "ShaleCapacity", "ShaleCache", "ShaleItems",
                "ShalePlatform", "ShaleBytes",
            ]
        )
    ],
    [  // 3½. What keeps its state in system tables: what was used, what was logged, what is due.
        Layered(
            name: "ShaleMeter",
            imports: ["ShaleTables", "ShaleItems", "ShaleEngine", "ShalePlatform"]
        ),
        Layered(name: "ShaleLogs", imports: ["ShaleTables", "ShaleItems", "ShaleEngine"]),
        Layered(
            name: "ShaleIdentity",
            imports: ["ShaleTables", "ShaleItems", "ShaleEngine", "ShalePlatform"]
        ),
        Layered(
            name: "ShaleTimers",
            imports: ["ShaleTables", "ShaleItems", "ShaleEngine", "ShalePlatform"]
        ),
    ],
    [  // 3¾. Bytes on the wire: JSON, error envelopes, request signing.
        Layered(
            name: "ShaleWire",
            imports: ["ShaleTables", "ShalePlatform", "ShaleItems", "ShaleBytes"],
            products: [.product(name: "Crypto", package: "swift-crypto")]
        )
    ],
    [  // 4. Functions: what is registered, who may run, what was answered.
        Layered(
            name: "ShaleFunctions",
            imports: [
                "ShaleWire", "ShaleLogs", "ShaleTables", "ShaleItems", "ShaleEngine",
                "ShalePlatform",
            ],
            products: [.product(name: "Crypto", package: "swift-crypto")]
        )
    ],
    [  // 5. The host of function processes; state machines and their executions, durable.
        Layered(
            name: "ShaleRuntimes",
            imports: [
                "ShaleFunctions", "ShaleTables", "ShaleItems", "ShaleEngine", "ShalePlatform",
                "ShaleBytes",
            ],
            products: [
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "NIOHTTP1", package: "swift-nio"),
            ]
        ),
        Layered(
            name: "ShaleStateMachines",
            imports: [
                "ShaleStates", "ShaleFunctions", "ShaleTimers", "ShaleTables", "ShaleItems",
                "ShaleEngine", "ShalePlatform", "ShaleJSON",
            ],
            products: [.product(name: "OrderedCollections", package: "swift-collections")]
        ),
    ],
    [  // 6. What makes functions run: streams, schedules.
        Layered(
            name: "ShaleTriggers",
            imports: [
                "ShaleStateMachines", "ShaleFunctions", "ShaleWire", "ShaleTimers", "ShaleTables",
                "ShaleEngine", "ShaleItems", "ShalePlatform", "ShaleJSON",
            ],
            products: [.product(name: "OrderedCollections", package: "swift-collections")]
        )
    ],
    [  // The umbrella for embedding: `import Shale`.
        Layered(
            name: "Shale",
            imports: [
                "ShaleFunctions", "ShaleLogs", "ShaleTables", "ShaleItems", "ShalePlatform",
                "ShaleEngine", "ShaleJSON",
            ],
            products: [.product(name: "OrderedCollections", package: "swift-collections")]
        )
    ],
    [  // 8. One file per API operation: decode, one service call, encode.
        Layered(
            name: "ShaleOperations",
            imports: [
                "ShaleWire", "ShaleTables", "ShaleExpressions", "ShaleItems", "ShaleBytes",
                "ShaleCapacity", "ShalePlatform",
            ]
        )
    ],
    [  // 8½. The same for what is no table: functions, and what stands around them.
        Layered(
            name: "ShaleServices",
            imports: [
                "ShaleTriggers", "ShaleStateMachines", "ShaleWire", "ShaleFunctions",
                "ShaleIdentity",
                "ShaleLogs", "ShaleStates", "ShaleTables", "ShaleItems", "ShaleEngine",
                "ShalePlatform", "ShaleJSON",
            ],
            products: [
                .product(name: "Crypto", package: "swift-crypto"),
                .product(name: "OrderedCollections", package: "swift-collections"),
            ]
        )
    ],
    [  // 9. Listeners, limits, logs, metrics, shutdown.
        Layered(
            name: "ShaleServer",
            imports: [
                "ShaleStateMachines", "ShaleStates", "ShaleJSON", "ShaleItems",
                "ShaleServices", "ShaleOperations", "ShaleTriggers", "ShaleWire", "ShaleRuntimes",
                "ShaleFunctions", "ShaleIdentity", "ShaleLogs", "ShaleMeter", "ShaleTimers",
                "ShaleTables", "ShalePlatform", "ShaleEngine", "ShaleBytes",
            ],
            products: [
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "ServiceLifecycle", package: "swift-service-lifecycle"),
                .product(name: "UnixSignals", package: "swift-service-lifecycle"),
            ]
        )
    ],
]

// The manifest refuses to load if a target reaches sideways or up.
for (level, layer) in layers.enumerated() {
    let lower = Set(layers[..<level].joined().map(\.name)).union([
        "CShaleShims", "CShaleLZ4", "CShaleZlib",
    ])
    for target in layer {
        for name in target.imports where !lower.contains(name) {
            fatalError("layer \(level): \(target.name) may not import \(name)")
        }
    }
}

let settings: [SwiftSetting] = [
    .enableUpcomingFeature("ExistentialAny"),
    .enableUpcomingFeature("InternalImportsByDefault"),
    .enableUpcomingFeature("MemberImportVisibility"),
    .enableUpcomingFeature("NonisolatedNonsendingByDefault"),
    .enableExperimentalFeature("Lifetimes"),
    .strictMemorySafety(),
    .treatAllWarnings(as: .error),
]

let libraries: [Target] = layers.joined().map { layered in
    .target(
        name: layered.name,
        dependencies: layered.imports.map { .byName(name: $0) } + layered.products,
        swiftSettings: settings
    )
}

// What test targets read and do not compile.
let excluded = [
    "ShaleExpressions": ["Golden"], "ShaleEngine": ["Golden"], "ShaleGraphs": ["Fixtures"],
]

// Every library has one test target of the same name, and each may use the simulated world.
let tests: [Target] = layers.joined().map { layered in
    .testTarget(
        name: "\(layered.name)Tests",
        dependencies: ([layered.name, "Simulation"] + layered.imports).map { .byName(name: $0) }
            + layered.products + (layered.name == "ShaleEngine" ? ["CAllocationCount"] : [])
            + (layered.name == "ShaleCache" ? ["CachePolicies"] : []),
        exclude: excluded[layered.name] ?? [],
        swiftSettings: settings
    )
}

// libFuzzer brings its own `main`, so its program is there only while `Tools/fuzz` builds it.
let fuzzers: [Target] =
    Context.environment["SHALE_FUZZ"] == nil
    ? []
    : [
        .executableTarget(
            name: "Fuzz",
            dependencies: ["FuzzTargets"],
            path: "Tools/fuzzer",
            swiftSettings: settings + [.unsafeFlags(["-parse-as-library"])]
        )
    ]

let package = Package(
    name: "shale",
    platforms: [.macOS(.v26)],
    products: [
        .library(name: "Shale", targets: ["Shale"]),
        .library(name: "ShaleEngine", targets: ["ShaleEngine"]),
        .executable(name: "shale", targets: ["ShaleTool"]),
        .executable(name: "run-bench", targets: ["RunBench"]),
    ],
    dependencies: [
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/apple/swift-collections", from: "1.6.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/HdrHistogram/hdrhistogram-swift", from: "0.2.0"),
    ],
    targets: [
        .systemLibrary(
            name: "CShaleLZ4",
            pkgConfig: "liblz4",
            providers: [.apt(["liblz4-dev"]), .brew(["lz4"])]
        ),
        .systemLibrary(
            name: "CShaleZlib",
            pkgConfig: "zlib",
            providers: [.apt(["zlib1g-dev"]), .brew(["zlib"])]
        ),
        .target(name: "CShaleShims"),
        .target(name: "CAllocationCount", path: "Tests/CAllocationCount"),
        .target(
            name: "Simulation",
            dependencies: ["ShalePlatform", "ShaleBytes"],
            path: "Tests/Simulation",
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimulationTests",
            dependencies: ["Simulation", "ShalePlatform", "ShaleBytes"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ShaleTool",
            dependencies: [
                "Shale", "ShaleServer", "ShaleMeter", "ShaleTables", "ShaleEngine", "ShaleItems",
                "ShalePlatform",
                "ShaleBytes", "ShaleWire", "ShaleOperations", "ShaleGraphs", "ShaleJSON",
                .product(name: "OrderedCollections", package: "swift-collections"),
                .product(name: "ArgumentParser", package: "swift-argument-parser"),
                .product(name: "Histogram", package: "hdrhistogram-swift"),
                .product(name: "Logging", package: "swift-log"),
                .product(name: "NIOCore", package: "swift-nio"),
                .product(name: "NIOPosix", package: "swift-nio"),
            ],
            path: "Tools/shale",
            swiftSettings: settings
        ),
        .target(
            name: "CachePolicies",
            dependencies: ["ShaleCache", "ShaleBytes"],
            path: "Tests/CachePolicies",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "HitRatio",
            dependencies: [
                "CachePolicies", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tools/hitratio",
            exclude: ["plot.py"],
            swiftSettings: settings
        ),
        .target(
            name: "Simulator",
            dependencies: [
                "Simulation", "ShaleTriggers", "ShaleFunctions", "ShaleStateMachines",
                "ShaleStates", "ShaleTimers", "ShaleOperations",
                "ShaleWire", "ShaleTables", "ShaleEngine", "ShaleItems", "ShalePlatform",
                "ShaleJSON", "ShaleBytes",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            path: "Tests/Simulator",
            swiftSettings: settings
        ),
        .testTarget(
            name: "SimulatorTests",
            dependencies: [
                "Simulator", "Simulation", "ShaleTimers", "ShaleTables", "ShaleItems",
            ],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Simulate",
            dependencies: [
                "Simulator", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tools/simulator",
            swiftSettings: settings
        ),
        .target(
            name: "Damage",
            dependencies: [
                "Simulation", "ShaleTables", "ShaleItems", "ShaleEngine", "ShalePlatform",
            ],
            path: "Tests/Damage",
            swiftSettings: settings
        ),
        .testTarget(
            name: "DamageTests",
            dependencies: ["Damage", "Simulation", "ShaleEngine", "ShalePlatform"],
            exclude: ["Fixtures"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "Flip",
            dependencies: [
                "Damage", .product(name: "ArgumentParser", package: "swift-argument-parser"),
            ],
            path: "Tools/flipper",
            swiftSettings: settings
        ),
        .target(
            name: "FuzzTargets",
            dependencies: [
                "Simulation", "ShaleServer", "ShaleOperations", "ShaleWire", "ShaleTables",
                "ShaleExpressions", "ShaleItems", "ShaleEngine", "ShalePlatform", "ShaleBytes",
            ],
            path: "Tests/FuzzTargets",
            swiftSettings: settings
        ),
        .testTarget(
            name: "FuzzTests",
            dependencies: ["FuzzTargets", "ShalePlatform"],
            exclude: ["Corpus"],
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ItemBench",
            dependencies: [
                "ShaleTables", "ShaleItems", "ShaleEngine", "ShalePlatform", "CachePolicies",
            ],
            path: "Tools/itembench",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "FollowBench",
            dependencies: ["ShaleTables", "ShaleEngine", "ShaleItems", "ShalePlatform"],
            path: "Tools/followbench",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "TimerBench",
            dependencies: ["ShaleTimers", "ShaleTables", "ShalePlatform"],
            path: "Tools/timerbench",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "ExecutionBench",
            dependencies: [
                "ShaleStateMachines", "ShaleFunctions", "ShaleTimers", "ShaleTables", "ShaleItems",
                "ShalePlatform", "ShaleJSON",
                .product(name: "OrderedCollections", package: "swift-collections"),
            ],
            path: "Tools/executionbench",
            swiftSettings: settings
        ),
        .executableTarget(
            name: "RunBench",
            dependencies: ["ShaleEngine", "ShalePlatform"],
            path: "Tools/runbench",
            swiftSettings: settings
        ),
    ] + libraries + tests + fuzzers,
    swiftLanguageModes: [.v6]
)
