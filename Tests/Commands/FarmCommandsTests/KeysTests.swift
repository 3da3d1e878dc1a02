import FarmStandIn
import Foundation
import Programs
import Testing

/// Goal: keys are made for their owner alone, and every slip is said in one line before anything is changed.
@Suite struct KeysTests {
    /// A folder with keys, as a coordinator leaves it, and a way to run `storyfarm keys` there.
    private struct Farm {
        let folder: URL

        func keys(_ arguments: String...) throws -> Program.Outcome {
            // Before what may follow a --.
            let all = ["keys", arguments[0], "--farm", folder.path] + arguments.dropFirst()
            return try Program("storyfarm", all, in: folder).finish()
        }

        func mode(_ file: String) throws -> Int? {
            try FileManager.default.attributesOfItem(atPath: folder.appending(path: file).path)[.posixPermissions]
                as? Int
        }

        var list: String { (try? String(contentsOf: folder.appending(path: "workers.allow"), encoding: .utf8)) ?? "" }
    }

    /// The two pairs of a coordinator are made as any other.
    private func withFarm(_ body: (Farm) throws -> Void) throws {
        try withFolder { folder in
            let farm = Farm(folder: folder)
            for name in ["coordinator", "worker"] { #expect(try farm.keys("new", name).status == 0) }
            try body(farm)
        }
    }

    @Test func aPairIsItsOwnersAndIsNeverOverwritten() throws {
        try withFarm { farm in
            let made = try farm.keys("new", "rack-7")
            #expect(made.status == 0)
            #expect(made.output.contains("storyfarm keys allow rack-7.pub rack-7"))
            #expect(try farm.mode("rack-7.key") == 0o600)
            let again = try farm.keys("new", "rack-7")
            #expect(again.status == 2)
            #expect(again.errors.hasPrefix("Error: rack-7.key is there already"))
        }
    }

    @Test func keysComeAndGoByNameFileOrText() throws {
        try withFarm { farm in
            _ = try farm.keys("new", "a")
            _ = try farm.keys("new", "b")
            let text = try String(contentsOf: farm.folder.appending(path: "b.pub"), encoding: .utf8)
                .trimmingCharacters(in: .whitespacesAndNewlines)
            #expect(try farm.keys("allow", "a.pub").output.hasPrefix("a may join: "))
            #expect(try farm.keys("allow", "--", text, "b").status == 0)
            #expect(try farm.mode("workers.allow") == 0o600)
            let lines = try farm.keys("list").output.split(separator: "\n")
            #expect(lines.count == 4 && lines[1].hasPrefix("local  "))
            #expect(try farm.keys("revoke", "a").status == 0)
            #expect(farm.list == "\(text) b\n")
            #expect(try farm.keys("revoke", "b.key").status == 0)
            #expect(farm.list == "")
        }
    }

    @Test func aRotatedKeyStaysUntilItIsRevoked() throws {
        try withFarm { farm in
            let rotated = try farm.keys("rotate", "local")
            #expect(rotated.output.contains("storyfarm keys revoke local"))
            #expect(farm.list.hasSuffix(" local\n"))
            #expect(try farm.mode("worker.key") == 0o600)
            #expect(try farm.keys("revoke", "local").status == 0)
            #expect(try farm.keys("revoke", "local").errors.contains("storyfarm keys rotate local --now"))
            #expect(try farm.keys("rotate", "local", "--now").status == 0)
            #expect(farm.list == "")
        }
    }

    @Test(arguments: [
        (["new", "two words"], "is no name for a key"), (["allow", "nonsense"], "is no key of 40 characters"),
        (["allow", "wrong.pub"], "wrong.pub holds no key"), (["revoke", "nobody"], "see storyfarm keys list"),
        (["rotate", "nobody"], "is neither local nor coordinator"), (["new"], "Missing expected argument"),
        (["list", "--farm", "/nonexistent"], "/nonexistent is no coordinator's folder"),
    ])
    func aSlipIsSaidInOneLine(arguments: [String], words: String) throws {
        try withFarm { farm in
            try Data("nonsense\n".utf8).write(to: farm.folder.appending(path: "wrong.pub"))
            let outcome = try Program(
                "storyfarm", ["keys"] + [arguments[0]] + ["--farm", farm.folder.path] + arguments.dropFirst(),
                in: farm.folder
            ).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.contains(words), "\(outcome.errors)")
            #expect(outcome.errors.split(separator: "\n").count == 1)
            #expect(farm.list == "")
        }
    }
}
