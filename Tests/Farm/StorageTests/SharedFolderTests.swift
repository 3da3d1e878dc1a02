import Farm
import Foundation
import Glibc
import StorageSamples
import Testing

@testable import Storage

/// Goal: a file in a shared folder becomes the store's only where it is what was announced, and a folder that is not
/// there is noticed before anything is lost. Method: real folders; a disk that runs full.
@Suite struct SharedFolderTests {
    private let attempt = AttemptID(
        segment: segment, lease: Lease(epoch: 3, number: 7), generation: Generation(rawValue: 2))

    private struct Place {
        let root: URL
        var own: String { root.appending(path: "own").path }
        var shared: String { root.appending(path: "shared").path }

        func store() throws -> ArtifactStore {
            try ArtifactStore(on: HostDisk(root: own), at: .root, shared: SharedFolder.open(shared, of: own))
        }

        func incoming() throws -> [String] {
            try FileManager.default.contentsOfDirectory(atPath: shared + "/incoming")
        }

        func write(_ bytes: [UInt8]) throws -> String {
            let file = root.appending(path: "scratch-\(UUID())").path
            try Data(bytes).write(to: URL(fileURLWithPath: file))
            return file
        }
    }

    private func withPlace(_ body: (Place) throws -> Void) throws {
        let directory = try TemporaryDirectory()
        let place = Place(root: URL(fileURLWithPath: directory.path))
        for folder in [place.own, place.shared] {
            try FileManager.default.createDirectory(atPath: folder, withIntermediateDirectories: true)
        }
        try body(place)
        withExtendedLifetime(directory) {}
    }

    private func reason(_ body: () throws -> Void) -> StorageError.Reason? {
        #expect(throws: StorageError.self) { try body() }?.reason
    }

    // MARK: Files

    @Test func aDepositIsAdoptedWhereItLiesAndSurvivesARestart() throws {
        try withPlace { place in
            let store = try place.store()
            let folder = try SharedFolder(ofWorker: place.shared)
            let deposit = try folder.deposit(place.write(content(1)), of: attempt, .latents)
            #expect(try place.incoming().count == 1)
            let artifact = try store.adopt(deposit)
            #expect(try store.bytes(artifact) == content(1))
            #expect(store.location(of: artifact.id).hasPrefix(place.shared))
            #expect(store.usage[.latents] == content(1).count)
            #expect(try place.incoming() == [])

            let again = try place.store()
            #expect(try again.bytes(#require(again.artifact(artifact.id))) == content(1))
            try again.remove(segment.story)
            #expect(!FileManager.default.fileExists(atPath: store.location(of: artifact.id)))
            #expect(try place.store().artifacts(of: segment.story) == [])
        }
    }

    @Test func otherBytesThanAnnouncedAreRefusedAndLeaveNothing() throws {
        try withPlace { place in
            let store = try place.store()
            let folder = try SharedFolder(ofWorker: place.shared)
            let deposit = try folder.deposit(place.write(content(1)), of: attempt, .video)
            let name = try #require(try place.incoming().first)
            try Data(content(2)).write(to: URL(fileURLWithPath: "\(place.shared)/incoming/\(name)"))
            let (found, expected) = (try sha256(content(2)), deposit.file.digest)
            #expect(reason { _ = try store.adopt(deposit) } == .wrongDigest(found: found, expected: expected))
            #expect(try place.incoming() == [])
            #expect(reason { _ = try store.adopt(deposit) } == .missing)
            // Fewer than announced, as of a copy that was cut short.
            let short = try folder.deposit(place.write(content(1)), of: attempt, .video)
            try Data(content(1).dropLast()).write(to: URL(fileURLWithPath: "\(place.shared)/incoming/\(name)"))
            let total = content(1).count
            #expect(reason { _ = try store.adopt(short) } == .incomplete(received: total - 1, total: total))
            #expect(store.usage[.video] == 0)
        }
    }

    /// Whoever writes there could point elsewhere.
    @Test func aLinkIsNotFollowed() throws {
        try withPlace { place in
            let store = try place.store()
            let folder = try SharedFolder(ofWorker: place.shared)
            let deposit = try folder.deposit(place.write(content(1)), of: attempt, .latents)
            let file = "\(place.shared)/incoming/\(try #require(try place.incoming().first))"
            let elsewhere = try place.write(content(1))
            try FileManager.default.removeItem(atPath: file)
            try FileManager.default.createSymbolicLink(atPath: file, withDestinationPath: elsewhere)
            #expect(reason { _ = try store.adopt(deposit) } == .system(code: ELOOP))
            #expect(FileManager.default.fileExists(atPath: elsewhere))
        }
    }

    @Test func noTwoAttemptsWriteOneName() throws {
        let digest = try sha256([])
        func name(_ lease: Lease, _ generation: UInt32, _ kind: ArtifactKind = .latents) -> String {
            let attempt = AttemptID(segment: segment, lease: lease, generation: Generation(rawValue: generation))
            return Deposit(attempt, kind, Artifact(bytes: 1, digest: digest)).name
        }
        let first = Lease(epoch: 1, number: 1)
        let names = [
            name(first, 1), name(Lease(epoch: 1, number: 2), 1), name(Lease(epoch: 2, number: 1), 1), name(first, 2),
            name(first, 1, .video),
        ]
        #expect(Set(names).count == names.count)
    }

    @Test func whatLiesThereAtAStartIsRemoved() throws {
        try withPlace { place in
            _ = try place.store()
            let folder = try SharedFolder(ofWorker: place.shared)
            let deposit = try folder.deposit(place.write(content(1)), of: attempt, .latents)
            let store = try place.store()
            #expect(try place.incoming() == [])
            #expect(reason { _ = try store.adopt(deposit) } == .missing)
        }
    }

    @Test func theSameBytesAreKeptOnce() throws {
        try withPlace { place in
            let store = try place.store()
            let sent = try store.store(content(1), as: .latents(segment))
            let own = store.location(of: sent.id)
            let folder = try SharedFolder(ofWorker: place.shared)
            _ = try store.adopt(folder.deposit(place.write(content(1)), of: attempt, .latents))
            #expect(!FileManager.default.fileExists(atPath: own))
            #expect(store.usage[.latents] == content(1).count && store.artifacts(of: segment.story).count == 1)
            // And the other way, as when the folder is full for once.
            let shared = store.location(of: sent.id)
            try store.store(content(1), as: .latents(segment))
            #expect(!FileManager.default.fileExists(atPath: shared) && store.location(of: sent.id) == own)
        }
    }

    @Test func aFullDiskLeavesNoPartOfAFile() throws {
        let (disk, shared) = (SimulatedDisk(), SimulatedDisk())
        let store = try ArtifactStore(on: disk, at: .root, shared: shared)
        let file = Artifact(bytes: content(1).count, digest: try sha256(content(1)))
        let deposit = Deposit(attempt, .latents, file)
        let placed = try shared.openFile(DiskPath(["incoming", deposit.name]), for: .creating)
        try placed.append(content(1))
        shared.capacity = shared.usedBytes
        let error = #expect(throws: StorageError.self) { try store.adopt(deposit) }
        #expect(error?.isDiskFull == true)
        #expect(shared.filePaths == [] && store.usage[.latents] == 0)
    }

    // MARK: Taking

    @Test func latentsAreTakenWhereTheyAreWhatTheLeaseNames() throws {
        try withPlace { place in
            let store = try place.store()
            let folder = try SharedFolder(ofWorker: place.shared)
            let deposit = try folder.deposit(place.write(content(1)), of: attempt, .latents)
            let target = place.root.appending(path: "taken").path
            #expect(!folder.take(deposit.file, latentsOf: segment, to: target), "not adopted yet")
            let artifact = try store.adopt(deposit)
            #expect(folder.take(deposit.file, latentsOf: segment, to: target))
            #expect(FileManager.default.contents(atPath: target) == Data(content(1)))
            try FileManager.default.removeItem(atPath: target)
            try Data(content(2)).write(to: URL(fileURLWithPath: store.location(of: artifact.id)))
            #expect(!folder.take(deposit.file, latentsOf: segment, to: target), "damaged since")
            #expect(!FileManager.default.fileExists(atPath: target))
        }
    }

    // MARK: The folder

    @Test func aFolderThatIsNotThereIsOneLine() throws {
        try withPlace { place in
            let missing = place.root.appending(path: "missing").path
            #expect(throws: SharedFolderError.system(path: missing, code: ENOENT)) {
                try SharedFolder.open(missing, of: place.own)
            }
            #expect(!FileManager.default.fileExists(atPath: missing), "it is never made")
            #expect(throws: SharedFolderError.system(path: missing, code: ENOENT)) {
                try SharedFolder(ofWorker: missing)
            }
            #expect(throws: SharedFolderError.notMounted(path: place.shared)) {
                try SharedFolder(ofWorker: place.shared)
            }
        }
    }

    /// As when nothing is mounted there: an empty folder would take files that nobody sees.
    @Test func aFarmKnowsItsFolderAgain() throws {
        try withPlace { place in
            _ = try place.store()
            let marker = place.shared + "/" + SharedFolder.marker
            #expect(throws: SharedFolderError.forgotten(record: place.own + "/" + SharedFolder.record)) {
                try SharedFolder.open(nil, of: place.own)
            }
            let other = place.root.appending(path: "other").path
            try FileManager.default.createDirectory(atPath: other, withIntermediateDirectories: true)
            #expect(throws: SharedFolderError.foreign(path: place.shared)) {
                try SharedFolder.open(place.shared, of: other)
            }
            #expect(try SharedFolder.open(nil, of: other) == nil)
            try FileManager.default.removeItem(atPath: marker)
            #expect(throws: SharedFolderError.notMounted(path: place.shared)) {
                try SharedFolder.open(place.shared, of: place.own)
            }
            try Data("another\n".utf8).write(to: URL(fileURLWithPath: marker))
            #expect(throws: SharedFolderError.foreign(path: place.shared)) {
                try SharedFolder.open(place.shared, of: place.own)
            }
        }
    }
}
