import Console
import Foundation
import Testing
import Transport

@testable import FarmFolder

/// Goal: who may join is what the file says, and what people wrote between the lines stays.
@Suite struct AllowListFileTests {
    private func keys(_ count: Int) throws -> [CurvePublicKey] {
        try (0..<count).map { _ in try CurveKeyPair.generate().publicKey }
    }

    @Test func keysComeAndGoAndCommentsStay() throws {
        let keys = try keys(3)
        var list = try AllowListFile(parsing: "# rack 7\n\(keys[0]) rack-7\n\n\(keys[1])   rack-8 \n")
        #expect(list.entries.map(\.name) == ["rack-7", "rack-8"])
        list.allow(keys[2], as: "rack-7")
        list.allow(keys[0], as: "cellar")
        let (first, second) = (list.revoke(keys[1]), list.revoke(keys[1]))
        #expect(first && !second)
        #expect(list.text == "# rack 7\n\(keys[0]) cellar\n\n\(keys[2]) rack-7\n")
        #expect(try AllowListFile(parsing: list.text) == list)
    }

    /// Z85 has the sign of a comment among its characters, but as the first of five it stands for more than 32 bits.
    @Test func whatBeginsAsACommentIsNoKey() throws {
        let rest = String(repeating: "0", count: 39)
        #expect(CurvePublicKey(z85: "#" + rest) == nil)
        #expect(try AllowListFile(parsing: "#\(rest) odd\n# 0\(rest) odd\n#0\(rest) odd\n").entries == [])
    }

    @Test(arguments: ["short name", "x", "%@ a b", "%@", "%@ #a"]) func aWrongLineIsNamed(_ line: String) throws {
        let key = String(repeating: "0", count: 40)
        let text = "# first\n" + line.replacing("%@", with: key) + "\n"
        #expect(throws: AllowListError(line: 2)) { try AllowListFile(parsing: text) }
    }

    @Test func aFolderMakesKeysThatNobodyElseReads() throws {
        try withFarm { farm in
            for file in [farm.coordinatorKey, farm.workerKey] {
                let mode = try FileManager.default.attributesOfItem(atPath: file)[.posixPermissions] as? Int
                #expect(mode == 0o600)
            }
            #expect(try farm.admitted().map(\.pool) == ["local"])
            try farm.write(AllowListFile(parsing: "# none\n"))
            let mode = try FileManager.default.attributesOfItem(atPath: farm.allowListPath)[.posixPermissions] as? Int
            #expect(mode == 0o600)
            try Data("nonsense here\n".utf8).write(to: URL(filePath: farm.allowListPath))
            let words = "\(farm.allowListPath):1: expected a key of 40 characters (Z85) and a name"
            #expect(throws: WrongInput(words)) { try farm.admitted() }
        }
    }

    @Test(arguments: [true, false]) func aRotatedKeyIsAnotherAndTheOldOneStaysWhereThatIsWanted(
        keepsOld: Bool
    ) throws {
        try withFarm { farm in
            let rotation = try farm.rotateWorkerKey(keepsOld: keepsOld)
            #expect(rotation.old != rotation.new)
            #expect(try CurveKeyPair(contentsOf: farm.workerKey).publicKey == rotation.new)
            #expect(try farm.admitted().map(\.key) == [rotation.new] + (keepsOld ? [rotation.old] : []))
        }
    }

    @Test func aFarmIsNamedByItsFolderOrItsFile() {
        for name in ["/srv/farm", "/srv/farm/farm.json"] {
            #expect(FarmFolder(named: name).path == "/srv/farm")
            #expect(FarmFolder.connectionFile(named: name) == "/srv/farm/farm.json")
        }
    }

    @Test func theCoordinatorsNewKeyIsPublished() throws {
        try withFarm { farm in
            let rotation = try farm.rotateCoordinatorKey()
            #expect(try farm.prepare().publicKey == rotation.new)
            let published = try String(contentsOfFile: farm.coordinatorPublicKey, encoding: .utf8)
            #expect(published == "\(rotation.new)\n")
        }
    }

    /// A service has a user of its own, and administrators are root; to anybody else all of it belongs anyway.
    @Test func whatRootChangesStaysTheFoldersOwners() throws {
        try withFarm { farm in
            let user = geteuid() == 0 ? 65_534 : geteuid()
            func owner(_ path: String) -> uid_t? {
                var status = stat()
                return stat(path, &status) == 0 ? status.st_uid : nil
            }
            #expect(chown(farm.path, user, .max) == 0)
            try farm.write(AllowListFile(parsing: ""))
            #expect(owner(farm.allowListPath) == user, "a new one is the folder's owner's")
            // One that was left root's before.
            #expect(chown(farm.allowListPath, geteuid(), .max) == 0)
            try farm.write(AllowListFile(parsing: ""))
            #expect(owner(farm.allowListPath) == user)
            let inner = FarmFolder(farm.path + "/inner")
            try inner.make()
            #expect(owner(inner.path) == user)
        }
    }

    private func withFarm(_ body: (FarmFolder) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let farm = FarmFolder(path)
        _ = try farm.prepare()
        try body(farm)
    }
}
