import Glibc
import Testing

@testable import Transport

/// Goal: keys survive their text form and their file, and secrets show up nowhere else.
struct CurveKeysTests {
    @Test func keysSurviveTheirTextForm() throws {
        let keys = try CurveKeyPair.generate()
        #expect(keys.publicKey.z85.utf8.count == 40)
        #expect(CurvePublicKey(z85: keys.publicKey.z85) == keys.publicKey)
        let secret = try #require(CurveSecretKey(z85: keys.secretKey.revealedZ85))
        #expect(try CurveKeyPair(secretKey: secret).publicKey == keys.publicKey)
    }

    @Test(arguments: ["", "short", String(repeating: "a", count: 41), String(repeating: "~", count: 40)])
    func otherTextIsNoKey(_ text: String) {
        #expect(CurvePublicKey(z85: text) == nil)
    }

    @Test func aSecretIsNeverPrinted() throws {
        let keys = try CurveKeyPair.generate()
        var dumped = ""
        dump(keys, to: &dumped)
        for text in ["\(keys)", String(reflecting: keys), dumped, String(reflecting: keys.secretKey)] {
            #expect(!text.contains(keys.secretKey.revealedZ85))
            #expect(!text.contains("\(keys.secretKey.bytes[0]), \(keys.secretKey.bytes[1])"))
        }
    }

    @Test func aKeyFileIsReadBackAndPrivate() throws {
        let path = try TemporaryPath()
        let keys = try CurveKeyPair.generate()
        try keys.write(to: path.name)
        var status = stat()
        #expect(stat(path.name, &status) == 0)
        #expect(status.st_mode & 0o777 == 0o600)
        #expect(try CurveKeyPair(contentsOf: path.name).publicKey == keys.publicKey)
    }

    @Test func aKeyFileIsNeverOverwritten() throws {
        let path = try TemporaryPath()
        let keys = try CurveKeyPair.generate()
        try keys.write(to: path.name)
        #expect(throws: KeyFileError.system(path: path.name, code: EEXIST)) { try keys.write(to: path.name) }
    }

    @Test(arguments: [0o640, 0o604, 0o620] as [UInt32]) func aKeyFileThatOthersReachIsRefused(_ mode: UInt32) throws {
        let path = try TemporaryPath()
        try CurveKeyPair.generate().write(to: path.name)
        chmod(path.name, mode)
        #expect(throws: KeyFileError.tooOpen(path: path.name, mode: mode)) {
            _ = try CurveKeyPair(contentsOf: path.name)
        }
    }

    @Test(arguments: ["", "curve-key-pair 1\n", "curve-key-pair 2\npublic a\nsecret b\n"])
    func anotherFileIsMalformed(_ text: String) throws {
        let path = try TemporaryPath()
        let file = open(path.name, O_WRONLY | O_CREAT, 0o600)
        _ = text.withCString { write(file, $0, strlen($0)) }
        close(file)
        #expect(throws: KeyFileError.malformed(path: path.name)) { _ = try CurveKeyPair(contentsOf: path.name) }
    }

    @Test func keysThatAreNoPairAreMalformed() throws {
        let path = try TemporaryPath()
        let (one, other) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        let file = open(path.name, O_WRONLY | O_CREAT, 0o600)
        let text = "curve-key-pair 1\npublic \(one.publicKey.z85)\nsecret \(other.secretKey.revealedZ85)\n"
        _ = text.withCString { write(file, $0, strlen($0)) }
        close(file)
        #expect(throws: KeyFileError.malformed(path: path.name)) { _ = try CurveKeyPair(contentsOf: path.name) }
    }

    @Test func aPipeOrADirectoryIsNoKeyFile() throws {
        let path = try TemporaryPath()
        #expect(mkfifo(path.name, 0o600) == 0)
        #expect(throws: KeyFileError.notAFile(path: path.name)) { _ = try CurveKeyPair(contentsOf: path.name) }
    }
}

/// A name in a directory of its own, both removed at the end.
private final class TemporaryPath {
    let name: String
    private let directory: String

    init() throws {
        var template = Array("/tmp/transport-XXXXXX".utf8CString)
        directory = String(cString: try #require(mkdtemp(&template)))
        name = directory + "/key"
    }

    deinit {
        unlink(name)
        rmdir(directory)
    }
}
