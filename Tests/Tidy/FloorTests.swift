import Testing

/// Goal: the layout is the architecture. SwiftPM already refuses an import that the target does not declare; this
/// refuses a declaration that goes up, or from the head node to libtorch.
@Suite struct FloorTests {
    /// From the top down: a module imports only from floors below its own, or from its own.
    private let floors = ["Commands", "Services", "Farm", "Model", "Native"]
    /// What exists on GPU nodes only.
    private let gpuNodeOnly: Set = [
        "storyfarm-worker", "Worker", "Storytelling", "Mochi", "CLIP", "Torch", "CTorch", "CSentencePiece",
    ]

    private struct Module {
        let name: String
        let floor: Int
        let imports: Set<String>
    }

    private func modules() throws -> [Module] {
        let importLine = try Regex(
            "(?m)^(?:@\\w+ )*(?:public |internal |package |fileprivate |private )?import "
                + "(?:(?:struct|class|enum|protocol|func|var|let|typealias) )?(\\w+)", as: (Substring, Substring).self)
        var imports: [String: (floor: Int, names: Set<String>)] = [:]
        for file in SourceTree.swift where file.path.hasPrefix("Sources/") {
            let parts = file.path.split(separator: "/").map(String.init)
            let floor = try #require(floors.firstIndex(of: parts[1]), "\(file.path) is on no floor")
            let found = file.text.matches(of: importLine).map { String($0.output.1) }
            imports[parts[2], default: (floor, [])].names.formUnion(found)
        }
        for name in ["CWire", "CZeroMQ", "CAVFormat", "CYAML", "CTorch", "CSentencePiece"] {
            imports[name] = (floors.count - 1, [])
        }
        return imports.map { Module(name: $0.key, floor: $0.value.floor, imports: $0.value.names) }
    }

    @Test func importsGoDown() throws {
        let modules = try modules()
        let floorOf = Dictionary(uniqueKeysWithValues: modules.map { ($0.name, $0.floor) })
        #expect(modules.count > 8)
        for module in modules {
            for name in module.imports {
                guard let floor = floorOf[name] else { continue }  // The toolchain's or a package's.
                #expect(floor >= module.floor, "\(module.name) imports \(name), which stands above it")
            }
        }
    }

    @Test func theFarmsRulesImportNothing() throws {
        let farm = try #require(try modules().first { $0.name == "Farm" })
        #expect(farm.imports == [])
    }

    @Test func theHeadNodeDoesNotReachForTheGPUNode() throws {
        for module in try modules() where !gpuNodeOnly.contains(module.name) {
            #expect(module.imports.isDisjoint(with: gpuNodeOnly), "\(module.name)")
        }
    }
}
