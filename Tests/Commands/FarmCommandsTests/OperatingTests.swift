import Control
import FarmStandIn
import Foundation
import Programs
import Testing

/// Goal: who operates the farm reaches it, or is told in one line and by the status why not.
@Suite struct OperatingTests {
    @Test(arguments: [
        (["pause", "1"], StoryCommand.pause, "story 1 is paused\n"),
        (["resume", "1"], .resume, "story 1 goes on\n"), (["retry", "1"], .retry, "story 1 is tried again\n"),
        (["cancel", "1"], .cancel, "story 1 is cancelled\n"), (["delete", "1"], .delete, "story 1 is deleted\n"),
        (["priority", "1", "5"], .prioritize(5), "story 1 has priority 5\n"),
        (
            ["revise", "1", "--segment", "2", "--action", "it sleeps", "--seed", "7"],
            .revise(segment: 2, scene: nil, action: "it sleeps", seed: 7),
            "story 1 is rendered again from segment 2 on\n"
        ),
    ])
    func commandsAreDoneAndSaid(arguments: [String], command: StoryCommand, words: String) async throws {
        try await withServedFarm { served in
            await served.farm.put(FarmStandIn.detail(1))
            let outcome = try await Program.run(
                "storyfarm", arguments + ["--farm", served.connectionFile], in: served.folder)
            #expect(outcome.status == 0)
            #expect(outcome.output == words)
            #expect(await served.farm.commands.map(\.command) == [command])
        }
    }

    @Test func theQueueSaysWhatStoriesWaitFor() async throws {
        try await withServedFarm { served in
            let outcome = try await served.storyfarm("queue")
            #expect(outcome.output.contains("segments  1 blocked, 1 ready\n"))
            #expect(outcome.output.contains("backlog   1:30 of one worker\n"))
            #expect(outcome.output.contains("story 1 waits: no worker has its model\n"))
            #expect(try await served.storyfarm("queue", "--json").form(QueueReport.self) == served.farm.queue())
        }
    }

    @Test func aWorkerIsNamedByItsBeginning() async throws {
        try await withServedFarm { served in
            let list = try await served.storyfarm("workers")
            let row = "\(FarmStandIn.worker)  node7  H200    141 GiB  52224 MiB  denoising  1/1 step 3, stepping"
            #expect(list.output.contains(row))
            #expect(try await served.storyfarm("drain", "0011").status == 0)
            #expect(await served.farm.drained == [FarmStandIn.worker: true])
            #expect(try await served.storyfarm("drain", "0011", "--undo").status == 0)
            #expect(await served.farm.drained == [FarmStandIn.worker: false])
            let unknown = try await served.storyfarm("drain", "ff")
            #expect(unknown.status == 2)
            #expect(unknown.errors == "Error: there is no worker ff\n")
        }
    }

    @Test func aLinkToThePageLetsABrowserIn() async throws {
        try await withServedFarm { served in
            let link = try await served.storyfarm("dashboard").output
            let prefix = "\(served.connection.url)/#ticket="
            #expect(link.hasPrefix(prefix))
            #expect(link.dropFirst(prefix.count).count == 65)
            // What the coordinator logs has no token, and each link its own.
            #expect(!link.contains(served.connection.token))
            #expect(try await served.storyfarm("dashboard", "--json").output.contains(#""url" : ""#))
        }
    }

    /// Method: a program in place of the desktop's, which keeps what it was started with, and what that names.
    @Test func theBrowserFindsItsTicketInAFileOfItsOwnUser() async throws {
        try await withServedFarm { served in
            let opener = served.folder.appending(path: "xdg-open")
            let script = """
                #!/bin/sh
                file="${1#file://}"
                printf %s "$*" > "$TMPDIR/arguments"
                stat -c %a "$file" "${file%/*}" > "$TMPDIR/modes"
                cat "$file" > "$TMPDIR/page"

                """
            try Data(script.utf8).write(to: opener)
            chmod(opener.path, 0o755)
            let runtime = served.folder.appending(path: "runtime")
            try FileManager.default.createDirectory(at: runtime, withIntermediateDirectories: true)
            let outcome = try await Program.run(
                "storyfarm", ["dashboard", "--open"], in: served.folder,
                environment: [
                    "STORYFARM_FARM": served.connectionFile, "XDG_RUNTIME_DIR": runtime.path,
                    "PATH": "\(served.folder.path):/usr/bin:/bin",
                ])
            #expect(outcome.status == 0, "\(outcome.errors)")
            func kept(_ name: String) throws -> String {
                try String(contentsOf: served.folder.appending(path: name), encoding: .utf8)
            }
            let arguments = try kept("arguments")
            #expect(arguments.hasPrefix("file://\(runtime.path)/"))
            #expect(!arguments.contains("ticket"))
            #expect(try kept("modes") == "600\n700\n")
            #expect(try kept("page").contains("url=\(outcome.output.trimmingCharacters(in: .newlines))\""))
        }
    }

    @Test func nodesAreListedWithTheirLastExit() async throws {
        try await withServedFarm { served in
            let list = try await served.storyfarm("nodes")
            #expect(list.status == 0)
            #expect(list.output.contains("41: signalled 11, a fault"))
            #expect(list.output.contains("node8  lost"))
            let form = try await served.storyfarm("nodes", "--json").form(NodeList.self)
            #expect(form.nodes == (await served.farm.nodes()))
        }
    }

    @Test func aNodeIsScaledOrAllAre() async throws {
        try await withServedFarm { served in
            let one = try await served.storyfarm("scale", "node7", "3")
            #expect(one.status == 0 && one.output == "node node7 runs 3 workers\n")
            let all = try await served.storyfarm("scale", "--all", "1")
            #expect(all.output == "every node runs 1 worker, or as many as it can\n")
            #expect(await served.farm.scaled == ["node7": 3, "": 1])
            for wrong in [["scale", "node9", "1"], ["scale", "node7", "many"], ["scale", "--all", "node7", "1"]] {
                let outcome = try await Program.run(
                    "storyfarm", wrong + ["--farm", served.connectionFile], in: served.folder)
                #expect(outcome.status == 2, "\(wrong)")
            }
        }
    }

    @Test func aLogIsALinePerNews() async throws {
        try await withServedFarm { served in
            await served.farm.put(FarmStandIn.detail(1))
            await served.farm.say(.story, story: 1, "rendering")
            await served.farm.say(.step, story: 1, segment: 2, "", step: 3, steps: 8)
            await served.farm.say(.segment, story: 1, segment: 2, "leased")
            let lines = try await served.storyfarm("logs", "1").output.split(separator: "\n")
            #expect(lines.count == 2)
            #expect(lines.first?.hasSuffix("  rendering") == true)
            #expect(lines.last?.hasSuffix("  segment 2 leased (worker 00112233)") == true)
        }
    }

    @Test func anUnknownStoryIsWrongInput() async throws {
        try await withServedFarm { served in
            for arguments in [["show", "9"], ["cancel", "9"], ["watch", "9"], ["logs", "9"], ["show", "nine"]] {
                let outcome = try await Program.run(
                    "storyfarm", arguments + ["--farm", served.connectionFile], in: served.folder)
                #expect(outcome.status == 2, "\(arguments)")
                #expect(outcome.errors.split(separator: "\n").count == 1)
            }
        }
    }

    @Test func withoutACoordinatorTheStatusIsThree() async throws {
        let folder = FileManager.default.temporaryDirectory
        let missing = try await Program.run("storyfarm", ["queue", "--farm", "/nonexistent/farm.json"], in: folder)
        #expect(missing.status == 3)
        #expect(missing.errors.hasPrefix("Error: the coordinator is not reached: /nonexistent/farm.json is not there"))
        let file = folder.appending(path: "storyfarm-\(UUID().uuidString).json")
        defer { try? FileManager.default.removeItem(at: file) }
        // Port 1 is nobody's on loopback.
        try Data(#"{"url": "http://127.0.0.1:1", "token": "x"}"#.utf8).write(to: file)
        let deaf = try await Program.run("storyfarm", ["queue"], in: folder, environment: ["STORYFARM_FARM": file.path])
        #expect(deaf.status == 3)
        #expect(deaf.errors.contains("Connection refused"))
    }
}
