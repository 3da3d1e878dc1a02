// swift-tools-version: 6.2
import PackageDescription

// Four variables steer a build; each has a default that suits a newcomer:
//   STORYFARM_STRICT=1         warnings are errors, as in `ops/test` and CI
//   STORYFARM_WITHOUT_TORCH=1  only the head node's modules: builds on a machine without libtorch
//   STORYFARM_WITHOUT_HTTP=1   without what needs an HTTP server or client, whose packages take minutes to build
//   STORYFARM_CTORCH=DIR       where `ops/build-ctorch` put libCTorch.so (default `.build-ctorch`)
let strict = Context.environment["STORYFARM_STRICT"] == "1"
let withTorch = Context.environment["STORYFARM_WITHOUT_TORCH"] != "1"
let withHTTP = Context.environment["STORYFARM_WITHOUT_HTTP"] != "1"
let ctorchDirectory = Context.environment["STORYFARM_CTORCH"] ?? Context.packageDirectory + "/.build-ctorch"

let swiftSettings: [SwiftSetting] =
    [
        .swiftLanguageMode(.v6),
        .enableUpcomingFeature("ExistentialAny"),
        .enableUpcomingFeature("InternalImportsByDefault"),
        .enableUpcomingFeature("MemberImportVisibility"),
    ] + (strict ? [.treatAllWarnings(as: .error)] : [])

/// A module of one of the five floors: its path says the floor, its dependencies may only point down.
func module(
    _ name: String, on floor: String, dependencies: [Target.Dependency] = [], resources: [Resource] = [],
    linkerSettings: [LinkerSetting] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", resources: resources,
        swiftSettings: swiftSettings, linkerSettings: linkerSettings)
}

func command(_ name: String, path: String = "Sources/Commands", dependencies: [Target.Dependency]) -> Target {
    .executableTarget(
        name: name, dependencies: dependencies, path: "\(path)/\(name)", swiftSettings: swiftSettings)
}

func tests(of name: String, on floor: String, dependencies: [Target.Dependency], resources: [Resource] = []) -> Target {
    .testTarget(
        name: "\(name)Tests", dependencies: dependencies, path: "Tests/\(floor)/\(name)Tests", resources: resources,
        swiftSettings: swiftSettings)
}

let argumentParser = Target.Dependency.product(name: "ArgumentParser", package: "swift-argument-parser")
let crypto = Target.Dependency.product(name: "Crypto", package: "swift-crypto")
let metrics = Target.Dependency.product(name: "CoreMetrics", package: "swift-metrics")
let logging = Target.Dependency.product(name: "Logging", package: "swift-log")
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")
let http = Target.Dependency.product(name: "Hummingbird", package: "hummingbird")
let httpCore = Target.Dependency.product(name: "HummingbirdCore", package: "hummingbird")
let httpTLS = Target.Dependency.product(name: "HummingbirdTLS", package: "hummingbird")
let httpParts = Target.Dependency.product(name: "NIOHTTPTypes", package: "swift-nio-extras")
let tls = Target.Dependency.product(name: "NIOSSL", package: "swift-nio-ssl")
let httpTesting = Target.Dependency.product(name: "HummingbirdTesting", package: "hummingbird")
let httpClient = Target.Dependency.product(name: "AsyncHTTPClient", package: "async-http-client")
let lifecycle = Target.Dependency.product(name: "ServiceLifecycle", package: "swift-service-lifecycle")
let httpTypes = Target.Dependency.product(name: "HTTPTypes", package: "swift-http-types")
let sequences = Target.Dependency.product(name: "AsyncAlgorithms", package: "swift-async-algorithms")
let httpHeaders = Target.Dependency.product(name: "NIOHTTP1", package: "swift-nio")
let bytes = Target.Dependency.product(name: "NIOCore", package: "swift-nio")
let threads = Target.Dependency.product(name: "NIOPosix", package: "swift-nio")

let headNode: [Target] = [
    .systemLibrary(
        name: "CZeroMQ", path: "Sources/Native/CZeroMQ", pkgConfig: "libzmq", providers: [.apt(["libzmq3-dev"])]),
    .systemLibrary(
        name: "CAVFormat", path: "Sources/Native/CAVFormat",
        providers: [.apt(["libavformat-dev", "libavcodec-dev", "libswscale-dev"])]),
    .systemLibrary(
        name: "CYAML", path: "Sources/Native/CYAML", pkgConfig: "yaml-0.1", providers: [.apt(["libyaml-dev"])]),
    .systemLibrary(
        name: "CSQLite", path: "Sources/Native/CSQLite", pkgConfig: "sqlite3", providers: [.apt(["libsqlite3-dev"])]),
    .systemLibrary(name: "CXXHash", path: "Sources/Native/CXXHash", providers: [.apt(["libxxhash-dev"])]),
    module("DurableFile", on: "Native"),
    module("ThreadExecutor", on: "Native"),
    module("HostFacts", on: "Native"),
    .target(name: "CWire", path: "Sources/Native/CWire", linkerSettings: [.linkedLibrary("protobuf-c")]),

    module("Safetensors", on: "Model", dependencies: ["DurableFile", "CXXHash"]),
    module("Evaluation", on: "Model"),

    module("Farm", on: "Farm"),
    module("Script", on: "Farm", dependencies: ["CYAML", "Farm"]),
    module("Control", on: "Farm"),
    module("Wire", on: "Farm", dependencies: ["Farm", "CWire", "CXXHash"]),
    module("Transport", on: "Farm", dependencies: ["CZeroMQ"]),
    module("Ledger", on: "Farm", dependencies: ["Farm", "CSQLite", database]),
    module("Media", on: "Farm", dependencies: ["CAVFormat", "DurableFile"]),
    module("Storage", on: "Farm", dependencies: ["Farm", "DurableFile", "CXXHash", crypto]),
    module("Telemetry", on: "Farm", dependencies: ["Farm", logging, metrics]),

    module(
        "Coordinator", on: "Services",
        dependencies: [
            "Control", "Farm", "Script", "Wire", "Transport", "Storage", "Ledger", "Media", "Safetensors",
            "DurableFile", "Telemetry", "ThreadExecutor", crypto, logging, metrics, lifecycle,
        ]),
    tests(
        of: "Coordinator", on: "Services",
        dependencies: [
            "Coordinator", "Control", "Farm", "Ledger", "Script", "Wire", "WireSamples", "Telemetry", "Transport",
            "Storage", "Media", database, crypto, logging,
        ]),
    module(
        "NodeAgent", on: "Services",
        dependencies: ["Farm", "Wire", "Transport", "DurableFile", "HostFacts", crypto, logging]),
    tests(
        of: "NodeAgent", on: "Services", dependencies: ["NodeAgent", "Farm", "Wire", "Transport", "HostFacts", logging]
    ),
    command(
        "storyfarm-node",
        dependencies: ["Console", "FarmFolder", "NodeAgent", "Farm", "Transport", "HostFacts", argumentParser, logging]
    ),
    module(
        "Console", on: "Commands",
        dependencies: ["Telemetry", "Script", "DurableFile", "HostFacts", argumentParser, logging]),
    module("FarmFolder", on: "Commands", dependencies: ["Console", "Transport", "DurableFile", argumentParser]),
    module("Checkup", on: "Commands", dependencies: ["Console", "FarmFolder", "Media", "Transport", "Wire"]),
    tests(of: "Console", on: "Commands", dependencies: ["Console", "Coordinator"]),
    tests(of: "FarmFolder", on: "Commands", dependencies: ["Console", "FarmFolder", "Transport"]),
    tests(of: "Checkup", on: "Commands", dependencies: ["Checkup", "Console", "FarmFolder", "Transport"]),

    tests(of: "Safetensors", on: "Model", dependencies: ["Safetensors"]),
    tests(of: "Evaluation", on: "Model", dependencies: ["Evaluation"]),
    tests(of: "Farm", on: "Farm", dependencies: ["Farm"]),
    tests(of: "Script", on: "Farm", dependencies: ["Script", "Wire"]),
    .target(
        name: "WireSamples", dependencies: ["Wire", "Farm"], path: "Tests/Farm/WireSamples",
        swiftSettings: swiftSettings),
    tests(of: "Wire", on: "Farm", dependencies: ["Wire", "WireSamples", "Farm", "CWire"]),
    tests(of: "Transport", on: "Farm", dependencies: ["Transport", "Wire"]),
    tests(of: "Ledger", on: "Farm", dependencies: ["Ledger", "Farm", "WireSamples", database]),
    tests(of: "Telemetry", on: "Farm", dependencies: ["Telemetry", "Farm", logging, metrics]),
    tests(of: "Media", on: "Farm", dependencies: ["Media", "DurableFile"]),
    .testTarget(
        name: "SimulationTests",
        dependencies: ["Farm", "Storage", "StorageSamples", "Ledger", "CXXHash", crypto],
        path: "Tests/Simulation/SimulationTests", exclude: ["Scaling/day-of-load.csv"], swiftSettings: swiftSettings),
    .target(
        name: "StorageSamples", dependencies: ["Storage", "DurableFile"], path: "Tests/Farm/StorageSamples",
        swiftSettings: swiftSettings),
    tests(
        of: "Storage", on: "Farm",
        dependencies: ["Storage", "StorageSamples", "WireSamples", "Farm", "DurableFile", "CXXHash", crypto]),
    .testTarget(name: "TidyTests", path: "Tests/Tidy", swiftSettings: swiftSettings),

    // Programs that only tests and benchmarks run.
    command("Fuzz", path: "Tests", dependencies: ["Script", "Wire", "WireSamples", "Safetensors"]),
    .target(name: "CThroughput", path: "Tests/Bench/CThroughput", linkerSettings: [.linkedLibrary("zmq")]),
    command("TransportBench", path: "Tests/Bench", dependencies: ["Transport", "CThroughput"]),
    .target(name: "CRivals", path: "Tests/Bench/CRivals", linkerSettings: [.linkedLibrary("zmq")]),
    command(
        "RelayBench", path: "Tests/Bench",
        dependencies: ["Coordinator", "Control", "Farm", "Storage", "Wire", "Transport", "CRivals", logging]),
    .systemLibrary(name: "CEpoll", path: "Tests/Bench/CEpoll"),
    command("HTTPLoad", path: "Tests/Bench", dependencies: ["CEpoll"]),
    command("LedgerBench", path: "Tests/Bench", dependencies: ["Ledger", "Farm"]),
    command("FarmBench", path: "Tests/Bench", dependencies: ["Ledger", "Farm"]),
]

// What people ask the farm through.
let serving: [Target] = [
    // In the program itself: a coordinator that was copied somewhere still has its page.
    module(
        "Dashboard", on: "Services", dependencies: [crypto],
        resources: [
            "index.html", "page.css", "icon.svg", "main.js", "dom.js", "words.js", "farm.js", "live.js", "session.js",
            "dialog.js", "overview.js", "queuechart.js", "stories.js", "story.js", "gantt.js", "workers.js", "nodes.js",
            "failures.js",
        ].map { .embedInCode("Page/\($0)") }),
    module(
        "ControlAPI", on: "Services",
        dependencies: [
            "Control", "Dashboard", "DurableFile", "Telemetry", http, httpCore, httpTLS, httpParts, httpTypes,
            httpHeaders, tls, crypto, logging, metrics, lifecycle, sequences, bytes, threads,
        ]),
    module(
        "FarmClient", on: "Services",
        dependencies: [
            "Control", "DurableFile", httpClient, tls, bytes, httpHeaders, threads,
        ]),
    command(
        "storyfarm-coordinator",
        dependencies: [
            "Console", "FarmFolder", "Coordinator", "ControlAPI", "Control", "Telemetry", "Transport", "Storage",
            "DurableFile",
            argumentParser, logging, lifecycle,
        ]),
    module("ClusterEngine", on: "Services", dependencies: ["Control", "Farm"]),
    tests(of: "ClusterEngine", on: "Services", dependencies: ["ClusterEngine", "Control", "Farm"]),
    command(
        "storyfarm",
        dependencies: [
            "Console", "FarmFolder", "Checkup", "FarmClient", "ClusterEngine", "Control", "DurableFile", "Farm",
            "Script",
            "Wire", "Transport", "Media", "NodeAgent", "CSQLite", tls, argumentParser, logging,
        ]),

    .target(
        name: "FarmStandIn", dependencies: ["Control", "ControlAPI", logging, lifecycle],
        path: "Tests/Services/FarmStandIn", swiftSettings: swiftSettings),
    tests(
        of: "ControlAPI", on: "Services",
        dependencies: [
            "ControlAPI", "Control", "Dashboard", "FarmStandIn", "Telemetry", http, httpTesting, httpTypes, httpClient,
            httpHeaders, metrics, tls, bytes, threads, logging, lifecycle,
        ]),
    tests(of: "FarmClient", on: "Services", dependencies: ["FarmClient", "Control", "ControlAPI", "FarmStandIn"]),
    .target(name: "Programs", path: "Tests/Commands/Programs", swiftSettings: swiftSettings),
    .testTarget(
        name: "FarmCommandsTests",
        dependencies: [
            "storyfarm", "storyfarm-coordinator", "Checkup", "Console", "FarmFolder", "Programs", "FarmStandIn",
            "Control", "Farm", "NodeAgent",
        ],
        path: "Tests/Commands/FarmCommandsTests", swiftSettings: swiftSettings),
]

let gpuNode: [Target] = [
    .systemLibrary(name: "CTorch", path: "Sources/Native/CTorch"),
    module(
        "Torch", on: "Model", dependencies: ["CTorch", "Safetensors"],
        linkerSettings: [
            // The build's own copy first while developing; beside the executable once installed.
            .unsafeFlags([
                "-L\(ctorchDirectory)",
                "-Xlinker", "-rpath", "-Xlinker", ctorchDirectory,
                "-Xlinker", "-rpath", "-Xlinker", "$ORIGIN",
            ])
        ]),
    .target(
        name: "CSentencePiece", path: "Sources/Native/CSentencePiece",
        linkerSettings: [.linkedLibrary("sentencepiece"), .linkedLibrary("stdc++")]),
    module("CLIP", on: "Model", dependencies: ["Torch", "Safetensors"]),
    module("Mochi", on: "Model", dependencies: ["Torch", "Safetensors", "CSentencePiece", "CXXHash"]),
    module("Storytelling", on: "Model", dependencies: ["Mochi", "CLIP", "Torch", "Safetensors"]),
    tests(of: "Storytelling", on: "Model", dependencies: ["Storytelling", "Mochi", "CLIP", "Torch", "Safetensors"]),
    tests(of: "CLIP", on: "Model", dependencies: ["CLIP", "Torch", "Safetensors"]),
    tests(of: "Mochi", on: "Model", dependencies: ["Mochi", "Torch", "Safetensors"]),
    .testTarget(
        name: "GoldenTests", dependencies: ["Evaluation", "Storytelling", "Mochi", "CLIP", "Torch", "Safetensors"],
        path: "Tests/Golden/GoldenTests", exclude: ["Fixtures"], swiftSettings: swiftSettings),
    module(
        "Worker", on: "Services",
        dependencies: [
            "Farm", "Script", "Wire", "Transport", "Storage", "Media", "Storytelling", "CLIP", "Mochi", "Torch",
            "Safetensors", "DurableFile", "Telemetry", "ThreadExecutor", "HostFacts", crypto, logging,
        ]),
    command(
        "storyfarm-worker",
        dependencies: [
            "Console", "FarmFolder", "Checkup", "Worker", "Farm", "Script", "Wire", "Transport", "Storage", "Media",
            "Evaluation",
            "Storytelling", "CLIP", "Mochi", "Torch", "Safetensors", "DurableFile", "HostFacts", argumentParser,
            logging,
        ]),
    tests(
        of: "Worker", on: "Services",
        dependencies: ["Worker", "Farm", "Script", "Wire", "Transport", "Mochi", "HostFacts", logging]),
    tests(of: "Torch", on: "Model", dependencies: ["Torch", "Safetensors"]),
    .testTarget(
        name: "CommandsTests",
        dependencies: [
            "storyfarm-worker", "storyfarm", "Programs", "Console", "Media", "Mochi", "Torch", "Safetensors",
        ],
        path: "Tests/Commands/CommandsTests", swiftSettings: swiftSettings),
    command("TorchBench", path: "Tests/Bench", dependencies: ["Torch", "CTorch"]),
    command("MochiBench", path: "Tests/Bench", dependencies: ["Mochi", "Torch", "Safetensors", argumentParser]),
]

// The programs together, as processes.
let wholeFarm: [Target] = [
    .testTarget(
        name: "FarmRenderTests",
        dependencies: [
            "storyfarm", "storyfarm-coordinator", "storyfarm-node", "storyfarm-worker", "Programs", "Media", "Control",
            "FarmClient",
        ],
        path: "Tests/Commands/FarmRenderTests", swiftSettings: swiftSettings)
]

let package = Package(
    name: "StoryFarm",
    products: ((withHTTP ? ["storyfarm", "storyfarm-coordinator"] : []) + ["storyfarm-node"])
        .map { .executable(name: $0, targets: [$0]) }
        + (withTorch ? [.executable(name: "storyfarm-worker", targets: ["storyfarm-worker"])] : []),
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
        .package(url: "https://github.com/hummingbird-project/hummingbird", from: "2.28.1"),
        .package(url: "https://github.com/swift-server/async-http-client", from: "1.37.0"),
        .package(url: "https://github.com/apple/swift-log", from: "1.16.2"),
        .package(url: "https://github.com/apple/swift-metrics", from: "2.13.0"),
        .package(url: "https://github.com/swift-server/swift-service-lifecycle", from: "2.13.0"),
        .package(url: "https://github.com/apple/swift-nio", from: "2.101.2"),
        .package(url: "https://github.com/apple/swift-nio-extras", from: "1.35.2"),
        .package(url: "https://github.com/apple/swift-nio-ssl", from: "2.37.6"),
        .package(url: "https://github.com/apple/swift-http-types", from: "1.8.0"),
        .package(url: "https://github.com/apple/swift-async-algorithms", from: "1.1.4"),
    ],
    targets: headNode + (withHTTP ? serving : []) + (withTorch ? gpuNode : [])
        + (withHTTP && withTorch ? wholeFarm : []),
    cxxLanguageStandard: .cxx20
)
