// swift-tools-version: 6.2
import PackageDescription

// Three variables steer a build; each has a default that suits a newcomer:
//   STORYFARM_STRICT=1         warnings are errors, as in `ops/test` and CI
//   STORYFARM_WITHOUT_TORCH=1  only the head node's modules: builds on a machine without libtorch
//   STORYFARM_CTORCH=DIR       where `ops/build-ctorch` put libCTorch.so (default `.build-ctorch`)
let strict = Context.environment["STORYFARM_STRICT"] == "1"
let withTorch = Context.environment["STORYFARM_WITHOUT_TORCH"] != "1"
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
    _ name: String, on floor: String, dependencies: [Target.Dependency] = [], linkerSettings: [LinkerSetting] = []
) -> Target {
    .target(
        name: name, dependencies: dependencies, path: "Sources/\(floor)/\(name)", swiftSettings: swiftSettings,
        linkerSettings: linkerSettings)
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
let database = Target.Dependency.product(name: "GRDB", package: "GRDB.swift")

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
    .target(name: "CWire", path: "Sources/Native/CWire", linkerSettings: [.linkedLibrary("protobuf-c")]),

    module("Safetensors", on: "Model", dependencies: ["DurableFile", "CXXHash"]),
    module("Evaluation", on: "Model"),

    module("Farm", on: "Farm"),
    module("Script", on: "Farm", dependencies: ["CYAML"]),
    module("Control", on: "Farm"),
    module("Wire", on: "Farm", dependencies: ["Farm", "CWire", "CXXHash"]),
    module("Transport", on: "Farm", dependencies: ["CZeroMQ"]),
    module("Ledger", on: "Farm", dependencies: ["Farm", "CSQLite", database]),
    module("Media", on: "Farm", dependencies: ["CAVFormat", "DurableFile"]),
    module("Storage", on: "Farm", dependencies: ["Farm", "DurableFile", "CXXHash", crypto]),

    module("Console", on: "Commands", dependencies: [argumentParser]),
    command("storyfarm", dependencies: ["Console", "Script", "Wire", "Transport", "Media", argumentParser]),

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
    tests(of: "Media", on: "Farm", dependencies: ["Media", "DurableFile"]),
    .testTarget(
        name: "SimulationTests",
        dependencies: ["Farm", "Storage", "StorageSamples", "Ledger", "CXXHash", crypto],
        path: "Tests/Simulation/SimulationTests", swiftSettings: swiftSettings),
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
    command("LedgerBench", path: "Tests/Bench", dependencies: ["Ledger", "Farm"]),
    command("FarmBench", path: "Tests/Bench", dependencies: ["Ledger", "Farm"]),
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
    command(
        "storyfarm-worker",
        dependencies: [
            "Console", "Farm", "Script", "Wire", "Transport", "Media", "Evaluation", "Storytelling", "CLIP", "Mochi",
            "Torch", "Safetensors", "DurableFile", argumentParser,
        ]),
    tests(of: "Torch", on: "Model", dependencies: ["Torch", "Safetensors"]),
    .testTarget(
        name: "CommandsTests",
        dependencies: ["storyfarm-worker", "storyfarm", "Console", "Media", "Mochi", "Torch", "Safetensors"],
        path: "Tests/Commands/CommandsTests", swiftSettings: swiftSettings),
    command("TorchBench", path: "Tests/Bench", dependencies: ["Torch", "CTorch"]),
    command("MochiBench", path: "Tests/Bench", dependencies: ["Mochi", "Torch", "Safetensors", argumentParser]),
]

let package = Package(
    name: "StoryFarm",
    products: [.executable(name: "storyfarm", targets: ["storyfarm"])]
        + (withTorch ? [.executable(name: "storyfarm-worker", targets: ["storyfarm-worker"])] : []),
    dependencies: [
        .package(url: "https://github.com/apple/swift-argument-parser", from: "1.8.2"),
        .package(url: "https://github.com/apple/swift-crypto", from: "4.5.2"),
        .package(url: "https://github.com/swiftlang/swift-docc-plugin", from: "1.5.0"),
        .package(url: "https://github.com/groue/GRDB.swift", from: "7.10.0"),
    ],
    targets: headNode + (withTorch ? gpuNode : []),
    cxxLanguageStandard: .cxx20
)
