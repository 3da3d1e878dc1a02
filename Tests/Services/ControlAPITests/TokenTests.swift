import Control
import FarmStandIn
import Foundation
import HTTPTypes
import HummingbirdTesting
import Testing

@testable import ControlAPI

/// Goal: a token of the list lets in whom it names, as what it says, until it is revoked or out of date.
@Suite struct TokenTests {
    @Test func aTokenOfTheListLetsInUntilItIsRevoked() async throws {
        try await AskedFarm.with { asked async throws in
            let ann = try asked.bearer("ann", .viewer)
            #expect(try await asked.ask(.get, "/v1/queue", headers: ann).status == .ok)
            try asked.revoke("ann")
            #expect(try await asked.ask(.get, "/v1/queue", headers: ann).status == .unauthorized)
            // The farm's own token goes on.
            #expect(try await asked.ask(.get, "/v1/queue").status == .ok)
        }
    }

    @Test func aTokenThatIsOutOfDateIsRefused() async throws {
        try await AskedFarm.with { asked async throws in
            let ann = try asked.bearer("ann", .viewer, expires: Date() - 1)
            #expect(try await asked.ask(.get, "/v1/queue", headers: ann).status == .unauthorized)
        }
    }

    @Test(arguments: ["{", #"{"tokens": [{"name": "x"}]}"#])
    func aListThatIsDamagedLetsNobodyIn(text: String) async throws {
        try await AskedFarm.with { asked async throws in
            let ann = try asked.bearer("ann", .viewer)
            let file = asked.folder.appending(path: "tokens.json").path
            #expect(try await asked.ask(.get, "/v1/queue", headers: ann).status == .ok)
            try text.write(toFile: file, atomically: false, encoding: .utf8)
            #expect(try await asked.ask(.get, "/v1/queue", headers: ann).status == .unauthorized)
        }
    }

    @Test func aListThatOthersMayReadLetsNobodyIn() async throws {
        try await AskedFarm.with { asked async throws in
            let ann = try asked.bearer("ann", .viewer)
            let file = asked.folder.appending(path: "tokens.json").path
            #expect(chmod(file, 0o644) == 0)
            #expect(try await asked.ask(.get, "/v1/queue", headers: ann).status == .unauthorized)
            #expect(throws: ControlAPIError.self) { try TokenList(contentsOf: file) }
        }
    }

    @Test func theListKeepsNoTokenAndIsItsOwners() async throws {
        try await AskedFarm.with { asked async throws in
            let ann = try asked.bearer("ann", .operator)
            let file = asked.folder.appending(path: "tokens.json").path
            let secret = try #require(ann[.authorization]?.dropFirst(7))
            let text = try String(contentsOfFile: file, encoding: .utf8)
            #expect(!text.contains(secret) && !text.contains(secret.dropFirst(AccessToken.prefix.count)))
            #expect(secret.hasPrefix(AccessToken.prefix))
            let attributes = try FileManager.default.attributesOfItem(atPath: file)
            #expect(attributes[.posixPermissions] as? Int == 0o600)
            #expect(try TokenList(contentsOf: file).tokens.map(\.digest.count) == [64])
        }
    }

    @Test func whatRootWritesBelongsToTheFoldersOwner() throws {
        let folder = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
        try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
        defer { try? FileManager.default.removeItem(at: folder) }
        let user = geteuid() == 0 ? 65_534 : geteuid()
        #expect(chown(folder.path, user, .max) == 0)
        let list = folder.appending(path: "tokens.json").path
        try TokenList.change(list) { list throws(ControlAPIError) in
            _ = try list.add("ann", subject: "ann", role: .viewer, expires: Date() + 3600)
        }
        for path in [list, list + ".lock"] {
            let attributes = try FileManager.default.attributesOfItem(atPath: path)
            #expect(attributes[.ownerAccountID] as? Int == Int(user), "\(path)")
        }
    }

    @Test func namesAreUniqueAndHaveAForm() throws {
        var list = TokenList()
        _ = try list.add("ann", subject: "ann", role: .viewer, expires: Date() + 3600)
        #expect(throws: ControlAPIError.self) {
            try list.add("ann", subject: "ann", role: .viewer, expires: Date() + 3600)
        }
        for name in ["", "a b", "ä", String(repeating: "n", count: 65)] {
            #expect(throws: ControlAPIError.self, "\(name)") {
                try list.add(name, subject: "ann", role: .viewer, expires: Date() + 3600)
            }
        }
        #expect(throws: ControlAPIError.self) { try list.revoke("bob") }
    }

    @Test(
        arguments: Endpoint.all.filter { $0.role != nil && $0.path != "/v1/events" }.map { "\($0.method) \($0.path)" })
    func everyRoleMayDoWhatItSaysAndNothingElse(name: String) async throws {
        let endpoint = try #require(Endpoint.all.first { "\($0.method) \($0.path)" == name })
        try await AskedFarm.with { asked async throws in
            let address = endpoint.path.replacing("{segment}", with: "1").replacing("{id}", with: "1")
            for role in Role.allCases {
                let bearer = try asked.bearer(role.rawValue, role, subject: "ann")
                let status = try await asked.ask(endpoint.method, address, headers: bearer).status
                let wanted = try #require(endpoint.role)
                #expect((status == .forbidden) == (role < wanted), "\(role) \(status)")
            }
        }
    }

    @Test func whatHasNoEntryIsReadByAllAndDoneByOperators() {
        #expect(Endpoint.role(for: .get, "/v1/nowhere") == .viewer)
        #expect(Endpoint.role(for: .put, "/v1/nowhere/{name}") == .operator)
        #expect(Endpoint.role(for: .head, "/v1/queue") == .viewer)
    }

    @Test func aStoryIsTheTokensSubjectsWhateverTheHeaderSays() async throws {
        try await AskedFarm.with { asked async throws in
            var headers = try asked.bearer("laptop", .submitter, subject: "bob")
            headers[HTTPField.Name(FarmConnection.userHeader)!] = "ann"
            let answer = try await asked.ask(.post, "/v1/stories", #"{"script": "x"}"#, headers: headers)
            #expect(answer.status == .created)
            #expect(await asked.farm.submissions.map(\.submitter) == ["bob"])
        }
    }

    @Test func submittersCommandTheirOwnStoriesOnly() async throws {
        try await AskedFarm.with { asked async throws in
            await asked.farm.put(FarmStandIn.detail(1, submitter: "ann"))
            await asked.farm.put(FarmStandIn.detail(2, submitter: "bob"))
            let ann = try asked.bearer("ann", .submitter)
            for command in ["pause", "resume", "retry", "cancel"] {
                #expect(try await asked.ask(.post, "/v1/stories/1/\(command)", headers: ann).status == .noContent)
                let refused = try await asked.ask(.post, "/v1/stories/2/\(command)", headers: ann)
                #expect(try refused.problem().code == "forbidden")
            }
            let revision = #"{"segment": 1}"#
            #expect(try await asked.ask(.post, "/v1/stories/2/revise", revision, headers: ann).status == .forbidden)
            #expect(try await asked.ask(.delete, "/v1/stories/2", headers: ann).status == .forbidden)
            #expect(try await asked.ask(.post, "/v1/stories/9/pause", headers: ann).status == .notFound)
            #expect(await asked.farm.commands.allSatisfy { $0.story == 1 })
            // Looking is for everybody.
            #expect(try await asked.ask(.get, "/v1/stories/2", headers: ann).status == .ok)
            let chief = try asked.bearer("chief", .operator)
            #expect(try await asked.ask(.post, "/v1/stories/2/pause", headers: chief).status == .noContent)
        }
    }

    @Test func onlyOperatorsPutThemselvesFirst() async throws {
        try await AskedFarm.with { asked async throws in
            let (ann, chief) = (try asked.bearer("ann", .submitter), try asked.bearer("chief", .operator))
            for (headers, priority, status) in [(ann, 1, 403), (ann, -1, 201), (chief, 5, 201)] {
                let body = #"{"script": "x", "priority": \#(priority)}"#
                #expect(try await asked.ask(.post, "/v1/stories", body, headers: headers).status.code == status)
            }
        }
    }
}
