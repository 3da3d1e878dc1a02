import Console
public import FarmFolder
import Foundation
import Glibc
import Transport

extension Check {
    // MARK: Keys

    /// A coordinator's folder: who may read it, and whether its keys are such.
    public static func keys(of farm: FarmFolder) -> [Check] {
        guard FileManager.default.fileExists(atPath: farm.coordinatorKey) else {
            return [
                warn(
                    "keys", "\(farm.path) has none: no coordinator has been started there",
                    remedy: "start storyfarm-coordinator, which makes them; or name its folder by --farm")
            ]
        }
        return [
            isPrivate(farm.path, as: "folder", mode: "700"), key(farm.coordinatorKey), key(farm.workerKey),
            publicKey(of: farm), allowList(of: farm),
        ]
    }

    /// A key file, as whoever connects with it needs it.
    public static func key(_ path: String) -> Check {
        let name = URL(fileURLWithPath: path).lastPathComponent
        do {
            _ = try CurveKeyPair(contentsOf: path)
            return ok(name, "\(path): a pair that nobody else may read")
        } catch {
            let remedy =
                switch error {
                case .tooOpen: "chmod 600 \(path); who may have read it can join: better make another pair"
                case .foreign: "run this as its owner, or chown it"
                case .system, .notAFile, .malformed: "make another pair: storyfarm keys new, or keys rotate"
                }
            return fail(name, "\(error)", remedy: remedy)
        }
    }

    private static func publicKey(of farm: FarmFolder) -> Check {
        let text = FileManager.default.contents(atPath: farm.coordinatorPublicKey)
            .map { String(decoding: $0, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines) }
        guard let pair = try? CurveKeyPair(contentsOf: farm.coordinatorKey), text == pair.publicKey.z85 else {
            return warn(
                "coordinator.pub", "\(farm.coordinatorPublicKey) is not the public half of coordinator.key",
                remedy: "start the coordinator again, which writes it")
        }
        return ok("coordinator.pub", "the public half of coordinator.key")
    }

    private static func allowList(of farm: FarmFolder) -> Check {
        do {
            let count = try farm.allowList().entries.count
            return ok(
                "workers.allow", count == 1 ? "1 key besides this machine's" : "\(count) keys besides this machine's")
        } catch {
            return fail("workers.allow", "\(error)", remedy: "mend the line, or use storyfarm keys allow and revoke")
        }
    }

    /// - Parameter mode: what it should be, for chmod.
    public static func isPrivate(_ path: String, as name: String, mode: String) -> Check {
        var status = stat()
        guard stat(path, &status) == 0 else {
            return fail(name, "\(path): \(String(cString: strerror(errno)))", remedy: "run this as its owner")
        }
        let found = String(status.st_mode & 0o777, radix: 8)
        guard status.st_mode & 0o077 == 0 else {
            return warn(name, "\(path) has mode \(found): others can look into it", remedy: "chmod \(mode) \(path)")
        }
        return ok(name, "\(path), mode \(found)")
    }

    // MARK: Disk

    /// Room and speed of the disk under a folder.
    ///
    /// - Parameters:
    ///   - watermarkBytes: with less, something is given up.
    ///   - reserveBytes: with less, it does not work.
    public static func disk(_ path: String, watermarkBytes: Int, reserveBytes: Int) -> [Check] {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else {
            return [
                fail(
                    "disk", "\(path): \(String(cString: strerror(errno)))",
                    remedy: "make the folder, or name another one")
            ]
        }
        let free = Int(status.f_bavail) * Int(status.f_frsize)
        return [room(free, at: path, watermarkBytes, reserveBytes), durability(of: path)]
    }

    static func room(_ free: Int, at path: String, _ watermark: Int, _ reserve: Int) -> Check {
        let finding = "\(free >> 20) MiB free at \(path)"
        if free < reserve {
            return fail("disk", "\(finding), fewer than \(reserve >> 20)", remedy: "free some: no story is taken now")
        }
        if free < watermark {
            return warn(
                "disk", "\(finding), fewer than \(watermark >> 20)",
                remedy: "free some: what ended stories would go on with is removed before its time")
        }
        return ok("disk", finding)
    }

    private static let writes = 16

    /// How long the disk takes to promise that it keeps something: every accepted story and result waits for that.
    private static func durability(of folder: String) -> Check {
        let path = "\(folder)/.doctor-\(getpid())"
        let file = open(path, O_WRONLY | O_CREAT | O_EXCL | O_CLOEXEC, 0o600)
        guard file >= 0 else {
            return fail(
                "fsync", "\(folder) can't be written: \(String(cString: strerror(errno)))",
                remedy: "run this as its owner, or see why it is read-only")
        }
        defer {
            close(file)
            unlink(path)
        }
        var times: [Duration] = []
        let bytes = [UInt8](repeating: 1, count: 4096)
        for _ in 0..<writes {
            let start = ContinuousClock.now
            guard write(file, bytes, bytes.count) == bytes.count, fsync(file) == 0 else {
                return fail(
                    "fsync", "\(folder): \(String(cString: strerror(errno)))", remedy: "look at the disk and its log")
            }
            times.append(.now - start)
        }
        return durability(median: times.sorted()[writes / 2])
    }

    static func durability(median: Duration) -> Check {
        let finding = "4 KiB are durable within \(median.formatted(digits: 4)) s (median)"
        guard median <= .milliseconds(50) else {
            return warn("fsync", finding, remedy: "put the farm's folder on an SSD of this machine")
        }
        return ok("fsync", finding)
    }
}
