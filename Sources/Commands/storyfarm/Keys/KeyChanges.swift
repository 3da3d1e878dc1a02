import ArgumentParser
import Console
import DurableFile
import FarmFolder
import Foundation
import Transport

struct NewKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "new",
        abstract: "Makes a pair: NAME.key with the secret, for one node or pool, and NAME.pub to be allowed.",
        discussion: "The secret half never has to leave the node: make the pair there and carry NAME.pub.")

    @Argument(help: "What the farm calls it: one word.")
    var name: String
    @Option(name: .shortAndLong, help: "The key file to write; NAME.key by default.", completion: .file())
    var output: String?
    @Flag(help: "Admit it as well, on the coordinator's machine.")
    var allow = false
    @OptionGroup var options: KeysOptions

    private struct Made: Encodable {
        let name, key, file, publicFile: String
        let isAllowed: Bool
    }

    func run() throws {
        try NamedKey.check(name: name)
        let file = output ?? "\(name).key"
        let publicFile = (file.hasSuffix(".key") ? String(file.dropLast(4)) : file) + ".pub"
        // Before anything is made: a pair that was not allowed would look as if it were.
        let farm = try allow ? options.folder() : nil
        var list = try farm?.allowList() ?? AllowListFile()
        let pair = try CurveKeyPair.generate()
        do { try pair.write(to: file) } catch .system(_, EEXIST) {
            throw WrongInput("\(file) is there already and may be in use: name another by --output")
        } catch {
            throw WrongInput("\(error)")
        }
        try PartialFile.write(Array("\(pair.publicKey.z85)\n".utf8), to: publicFile)
        list.allow(pair.publicKey, as: name)
        try farm?.write(list)
        try options.show(
            Made(name: name, key: pair.publicKey.z85, file: file, publicFile: publicFile, isAllowed: allow),
            [
                "\(file) is the pair; keep it to its node",
                allow
                    ? "\(name) may join: \(pair.publicKey)"
                    : "on the coordinator's machine: storyfarm keys allow \(publicFile) \(name)",
            ])
    }
}

struct AllowKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "allow", abstract: "Lets a key join; a coordinator that runs admits it at once.")

    @Argument(
        help: "The key: a file (NAME.pub, or NAME.key), or its 40 characters in single quotes.", completion: .file())
    var key: String
    @Argument(help: "What the farm calls it: one word; several keys may share it. The file's name by default.")
    var name: String?
    @OptionGroup var options: KeysOptions

    private struct Allowed: Encodable {
        let name, key: String
    }

    func run() throws {
        guard let found = try NamedKey.key(key) else {
            throw WrongInput("\(key.printable) is no key of 40 characters (Z85), and no file")
        }
        let isFile = NamedKey.isFile(key)
        let base = URL(fileURLWithPath: key).deletingPathExtension().lastPathComponent
        guard let name = name ?? (isFile ? base : nil) else { throw WrongInput("expected a name behind the key") }
        try NamedKey.check(name: name)
        let farm = try options.folder()
        var list = try farm.allowList()
        list.allow(found, as: name)
        try farm.write(list)
        try options.show(Allowed(name: name, key: found.z85), ["\(name) may join: \(found)"])
    }
}

struct RevokeKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "revoke",
        abstract: "Takes keys off the list; a coordinator that runs ends their connections at once.",
        discussion: "Workers with such a key end, and what they rendered goes on elsewhere from its last checkpoint.")

    @Argument(help: "A name, with all keys of it; or one key: a file, or its 40 characters.", completion: .file())
    var key: String
    @OptionGroup var options: KeysOptions

    private struct Revoked: Encodable {
        let name, key: String
    }

    func run() throws {
        let farm = try options.folder()
        var list = try farm.allowList()
        var entries = list.entries.filter { $0.name == key }
        if entries.isEmpty {
            let found = try NamedKey.key(key)
            let local = try CurveKeyPair(contentsOf: farm.workerKey).publicKey
            guard key != FarmFolder.localName, found != local else {
                throw WrongInput(
                    "\(farm.workerKey) is this machine's own: storyfarm keys rotate local --now puts another there"
                )
            }
            entries = list.entries.filter { $0.key == found }
        }
        guard !entries.isEmpty else {
            throw WrongInput("\(key.printable) is neither a name nor a key on the list: see storyfarm keys list")
        }
        for entry in entries { _ = list.revoke(entry.key) }
        try farm.write(list)
        try options.show(
            entries.map { Revoked(name: $0.name, key: $0.key.z85) },
            entries.map { "\($0.name) may no longer join: \($0.key)" })
    }
}

struct RotateKeyCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "rotate",
        abstract: "Puts another pair in the place of one: of this machine's workers, or of the coordinator.",
        discussion: """
            local: worker.key is made anew. The earlier one stays admitted until it is revoked, so that workers can be \
            started again one after the other; with --now it is out at once.

            coordinator: coordinator.key and coordinator.pub are made anew, for the coordinator's next start; workers \
            elsewhere need the new coordinator.pub then.

            The key of another node: keys new there, keys allow here, restart its workers, keys revoke the old one.
            """)

    @Argument(help: "local or coordinator.", completion: .list(["local", "coordinator"]))
    var name: String
    @Flag(help: "The earlier key of local is out at once, with the connections it has.")
    var now = false
    @OptionGroup var options: KeysOptions

    private struct Rotated: Encodable {
        let name, old, new: String
    }

    func run() throws {
        guard ["local", "coordinator"].contains(name) else {
            throw WrongInput("'\(name.printable)' is neither local nor coordinator: see storyfarm keys rotate --help")
        }
        let farm = try options.folder()
        let rotation =
            try name == FarmFolder.localName
            ? farm.rotateWorkerKey(keepsOld: !now) : farm.rotateCoordinatorKey()
        let remedy =
            switch (name, now) {
            case (FarmFolder.localName, true): "workers of this machine have to be started again"
            case (FarmFolder.localName, false):
                "start this machine's workers again, then: storyfarm keys revoke local"
            default: "start the coordinator again, and give \(farm.coordinatorPublicKey) to the nodes"
            }
        try options.show(
            Rotated(name: name, old: rotation.old.z85, new: rotation.new.z85),
            ["\(name) is now \(rotation.new)", remedy])
    }
}
