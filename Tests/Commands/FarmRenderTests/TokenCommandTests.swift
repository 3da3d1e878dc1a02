import Foundation
import Programs
import Testing

/// Goal: an operator gives tokens and takes them back by command, and a coordinator never opens itself unprotected.
@Suite struct TokenCommandTests {
    private func coordinator(_ arguments: String..., in folder: URL) throws -> Program.Outcome {
        try Program("storyfarm-coordinator", arguments, in: folder).finish()
    }

    @Test func tokensAreGivenListedAndTakenBack() throws {
        try withFolder { folder in
            let place = ["--folder", folder.path]
            func token(_ arguments: String...) throws -> Program.Outcome {
                try Program("storyfarm-coordinator", ["token"] + arguments + place, in: folder).finish()
            }
            #expect(try token("revoke", "laptop").errors.contains("no token was ever given"))
            let added = try token("add", "laptop", "--role", "submitter", "--subject", "ann")
            #expect(added.status == 0, "\(added.errors)")
            #expect(added.output.hasPrefix("storyfarm_"))
            #expect(try token("add", "laptop", "--role", "viewer").status == 2)
            #expect(try token("add", "other", "--role", "chief").status == 2)
            let list = try token("list")
            #expect(list.output.contains("laptop  submitter  ann  until "))
            #expect(!list.output.contains(added.output.trimmingCharacters(in: .whitespacesAndNewlines)))
            #expect(try token("list", "--json").output.contains("\"role\" : \"submitter\""))
            #expect(try token("revoke", "laptop", "--json").output.contains("\"revoked\" : \"laptop\""))
            #expect(try token("revoke", "laptop").status == 2)
            #expect(try token("list").output == "")
            let audit = try String(contentsOf: folder.appending(path: "audit.log"), encoding: .utf8)
            let lines = try audit.split(separator: "\n").map { line in
                try #require(try JSONSerialization.jsonObject(with: Data(line.utf8)) as? [String: Any])
            }
            #expect(lines.map { $0["path"] as? String } == ["tokens/laptop", "tokens/laptop"])
            #expect((lines.first?["wish"] as? String)?.hasPrefix("submitter for ann until 2") == true)
            #expect(lines.last?["wish"] as? String == "revoked" && lines.last?["subject"] as? String == NSUserName())
            #expect(!audit.contains(added.output.trimmingCharacters(in: .whitespacesAndNewlines)))
        }
    }

    @Test(arguments: [["add", "ann", "--role", "viewer"], ["list"], ["revoke", "ann"]])
    func aFolderThatNobodyNamedHasToBeAFarms(arguments: [String]) throws {
        try withFolder { folder in
            let data = folder.appending(path: "data").path
            let outcome = try Program(
                "storyfarm-coordinator", ["token"] + arguments, in: folder, environment: ["XDG_DATA_HOME": data]
            ).finish()
            #expect(outcome.status == 2)
            #expect(outcome.errors.hasPrefix("Error: \(data)/storyfarm is no farm's folder"))
            #expect(outcome.errors.contains("--folder") && outcome.errors.split(separator: "\n").count == 1)
            #expect(outcome.output == "")
            #expect(!FileManager.default.fileExists(atPath: data), "nothing is begun")
        }
    }

    @Test func anOpenAddressIsRefused() throws {
        try withFolder { folder in
            let farm = folder.appending(path: "farm").path
            let bare = try coordinator("--folder", farm, "--http-listen", "0.0.0.0:0", in: folder)
            #expect(bare.status == 2)
            #expect(bare.errors.contains("refusing to listen on 0.0.0.0: no valid token"))
            #expect(!FileManager.default.fileExists(atPath: farm), "nothing is begun")
            #expect(
                try Program(
                    "storyfarm-coordinator", "token", "add", "ann", "--role", "viewer", "--folder", farm, in: folder
                ).finish().status == 0)
            let open = try coordinator("--folder", farm, "--http-listen", "0.0.0.0:0", in: folder)
            #expect(open.status == 2)
            #expect(open.errors.contains("certificate and key are wanted"))
            let left = try FileManager.default.contentsOfDirectory(atPath: farm)
            #expect(left.allSatisfy { $0.hasPrefix("tokens.json") || $0 == "audit.log" }, "\(left)")
            #expect(try coordinator("--folder", farm, "--tls-key", "x", in: folder).status == 2)
            let nameless = try coordinator(
                "--folder", farm, "--http-listen", "0.0.0.0:0", "--behind-tls-proxy", in: folder)
            #expect(nameless.status == 2)
            #expect(nameless.errors.contains("say with --http-host by which people ask"))
        }
    }
}
