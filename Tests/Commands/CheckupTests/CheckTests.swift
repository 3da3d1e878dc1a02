import Console
import FarmFolder
import Foundation
import Testing

@testable import Checkup

/// Goal: what does not work is told from what does, with a remedy, for people and for programs.
@Suite struct CheckTests {
    @Test func theReportSaysTheWorstAndWhatToDo() throws {
        let report = CheckReport([
            .ok("libzmq", "4.3.4"), .warn("fsync", "slow", remedy: "use an SSD"),
            .fail("coordinator", "nobody listens", remedy: "start it"),
        ])
        #expect(report.verdict == .fail)
        #expect(
            report.lines(Paint(isOn: false)) == [
                "ok    libzmq       4.3.4",
                "warn  fsync        slow",
                "                   ▸ use an SSD",
                "fail  coordinator  nobody listens",
                "                   ▸ start it",
            ])
        #expect(report.lines(Paint(isOn: true))[2 + 1].hasPrefix("\u{1B}[31mfail\u{1B}[0m  coordinator"))
        #expect(throws: ChecksFailed.self) { try report.conclude(asJSON: true) }
        #expect(CheckReport([.ok("a", "b")]).verdict == .ok)
        #expect(CheckReport([.ok("a", "b"), .warn("a", "b", remedy: "c")]).verdict == .warn)
        let form = try JSONDecoder().decode(CheckReport.self, from: Data(report.json().utf8))
        #expect(form == report)
        #expect(try report.json().contains("\"verdict\" : \"fail\""))
    }

    @Test func everyCheckThatIsNotRightHasARemedy() {
        let checks =
            Check.libraries() + [.sqlite("3.40.1"), .sqlite("3.51.3"), .openFiles(), .clock()]
            + Check.disk("/", watermarkBytes: .max, reserveBytes: 0)
            + Check.disk("/nonexistent", watermarkBytes: 0, reserveBytes: 0)
        #expect(checks.allSatisfy { ($0.verdict == .ok) == ($0.remedy == nil) && !$0.finding.isEmpty })
    }

    @Test func anOldSQLiteIsExplained() {
        #expect(Check.sqlite("3.40.1").finding.contains("before 3.51.3"))
        #expect(Check.sqlite("3.51.3").finding == "3.51.3")
        #expect(Check.sqlite("3.100.0").finding == "3.100.0")
    }

    @Test(arguments: [(10, Check.Verdict.fail), (30, .warn), (50, .ok)])
    func roomIsJudgedByTheCoordinatorsLimits(gibibytes: Int, verdict: Check.Verdict) {
        #expect(Check.room(gibibytes << 30, at: "/srv", 40 << 30, 20 << 30).verdict == verdict)
    }

    @Test func aSlowDiskIsNamed() {
        #expect(Check.durability(median: .milliseconds(3)).verdict == .ok)
        #expect(Check.durability(median: .milliseconds(80)).verdict == .warn)
    }

    /// The other clock is cut to a second, and the answer took some time.
    @Test(arguments: [
        (1000.0, 1000.2...1000.9, Check.Verdict.ok, "less"), (1000, 1001.5...1002.5, .ok, "less"),
        (1000, 995.0...996.0, .warn, "4 s behind"), (1000, 1061...1061.5, .warn, "60 s ahead of"),
    ])
    func aClockThatIsOffIsNamed(theirs: Double, ours: ClosedRange<Double>, verdict: Check.Verdict, words: String) {
        let check = Check.offset(theirs: theirs, ours: ours, from: "it")
        #expect(check.verdict == verdict)
        #expect(check.finding.contains(words), "\(check.finding)")
    }

    @Test func aClockOfLongAgoIsNamed() {
        #expect(Check.clock(now: 1_700_000_000, isSteady: true).verdict == .fail)
        #expect(Check.clock(now: 1_800_000_000, isSteady: true).verdict == .ok)
        #expect(Check.clock(now: 1_800_000_000, isSteady: false).verdict == .fail)
    }

    @Test func fewOpenFilesAreNamed() {
        #expect(Check.openFiles(limit: 1024).verdict == .warn)
        #expect(Check.openFiles(limit: 65_536).verdict == .ok)
        #expect(Check.openFiles(limit: .max).verdict == .ok)
    }

    @Test func aPortThatSomebodyHasIsTold() throws {
        #expect(Check.isFree(host: "127.0.0.1", port: 0, as: "port").verdict == .ok)
        let taken = try TakenPort()
        let check = Check.isFree(host: "127.0.0.1", port: taken.port, as: "port")
        #expect(check.verdict == .fail)
        #expect(check.remedy?.contains("sport = :\(taken.port)") == true)
        // TEST-NET-1: nobody's.
        #expect(
            Check.isFree(host: "192.0.2.1", port: 0, as: "port").remedy?.contains("address of this machine") == true)
        #expect(Check.isFree(host: "no address", port: 0, as: "port").verdict == .fail)
        // Of both families: the same port, and one that libzmq is not given.
        #expect(Check.isFree(host: "127.0.0.1", port: taken.port, as: "port", family: AF_UNSPEC).verdict == .fail)
        #expect(Check.isFree(host: "::1", port: 0, as: "port").finding.contains("is no address of IPv4"))
        #expect(!Check.isFree(host: "::1", port: 0, as: "port", family: AF_UNSPEC).finding.contains("is no address"))
    }

    @Test(arguments: [(UInt32(0), false), (1, true), (2, false)]) func theProtocolsVersionHasToBeSpoken(
        version: UInt32, isAllRight: Bool
    ) {
        #expect((Check.version(version...version).verdict == .ok) == isAllRight)
        #expect(Check.version(nil).verdict == .fail)
        #expect(Check.version(0...3).verdict == .ok)
    }
}

/// Goal: keys that others may read, or that are none, are named with what to do.
@Suite struct KeyCheckTests {
    private func withFarm(_ body: (FarmFolder) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        try body(FarmFolder(path))
    }

    private func verdicts(_ farm: FarmFolder) -> [String: Check.Verdict] {
        Dictionary(uniqueKeysWithValues: Check.keys(of: farm).map { ($0.name, $0.verdict) })
    }

    @Test func aFarmsFolderIsAllRightAsItIsMade() throws {
        try withFarm { farm in
            #expect(verdicts(farm) == ["keys": .warn])
            _ = try farm.prepare()
            #expect(Set(verdicts(farm).values) == [.ok])
        }
    }

    @Test func whatOthersMayReadIsNamed() throws {
        try withFarm { farm in
            _ = try farm.prepare()
            chmod(farm.workerKey, 0o644)
            chmod(farm.path, 0o755)
            try Data("nobody's\n".utf8).write(to: URL(filePath: farm.coordinatorPublicKey))
            try Data("nonsense\n".utf8).write(to: URL(filePath: farm.allowListPath))
            #expect(
                verdicts(farm) == [
                    "folder": .warn, "coordinator.key": .ok, "worker.key": .fail, "coordinator.pub": .warn,
                    "workers.allow": .fail,
                ])
            #expect(Check.key(farm.workerKey).remedy?.hasPrefix("chmod 600 \(farm.workerKey)") == true)
        }
    }
}

/// A port that somebody listens on.
private final class TakenPort {
    let port: UInt16
    private let descriptor: Int32

    init() throws {
        let descriptor = socket(AF_INET, Int32(SOCK_STREAM.rawValue), 0)
        self.descriptor = descriptor
        var address = sockaddr_in()
        address.sin_family = sa_family_t(AF_INET)
        address.sin_addr.s_addr = inet_addr("127.0.0.1")
        var length = socklen_t(MemoryLayout<sockaddr_in>.size)
        let isBound = withUnsafeMutablePointer(to: &address) { pointer in
            pointer.withMemoryRebound(to: sockaddr.self, capacity: 1) { address in
                bind(descriptor, address, length) == 0 && listen(descriptor, 1) == 0
                    && getsockname(descriptor, address, &length) == 0
            }
        }
        port = UInt16(bigEndian: address.sin_port)
        try #require(isBound)
    }

    deinit { close(descriptor) }
}
