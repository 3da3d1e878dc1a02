import Checkup
import Console
import Control
import Farm
import FarmFolder
import FarmStandIn
import Foundation
import NodeAgent
import Programs
import Testing

@testable import storyfarm

/// Goal: who opens a coordinator to others hears beforehand what is missing, and in time what will end.
@Suite struct ServingCheckTests {
    /// Self-signed, from 2026-11-26 to 2036-11-23.
    private static let certificate = """
        -----BEGIN CERTIFICATE-----
        MIIBgjCCASmgAwIBAgIUS4IhcG6lJZ4IXRedFGNBKiidBL4wCgYIKoZIzj0EAwIw
        FzEVMBMGA1UEAwwMZmFybS5leGFtcGxlMB4XDTI2MTEyNjEyNTc0MVoXDTM2MTEy
        MzEyNTc0MVowFzEVMBMGA1UEAwwMZmFybS5leGFtcGxlMFkwEwYHKoZIzj0CAQYI
        KoZIzj0DAQcDQgAEEDT65Fub/BXvGHwWxhSXfzWL0eH73EJ3OmWAs4SwvFAm6hMt
        jaIVnZHm+qCJ6hHiIGHqTSBOvZW3mRTCYTAju6NTMFEwHQYDVR0OBBYEFNxlva6M
        3sKdpCz8cA6OzIXIwWs7MB8GA1UdIwQYMBaAFNxlva6M3sKdpCz8cA6OzIXIwWs7
        MA8GA1UdEwEB/wQFMAMBAf8wCgYIKoZIzj0EAwIDRwAwRAIgTP81EtRz3U6OKD5o
        0Axh1XkS5lAYlZgm6E/X1+SgDBkCICrMCexN48tpIQYGaZ+wwA9BC71czD10iG/8
        BT9tz3rK
        -----END CERTIFICATE-----

        """

    private func withFarm(_ body: (FarmFolder) throws -> Void) throws {
        let path = FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)").path
        defer { try? FileManager.default.removeItem(atPath: path) }
        let farm = FarmFolder(path)
        try farm.make()
        try Data(Self.certificate.utf8).write(to: URL(filePath: "\(path)/farm.pem"))
        try body(farm)
    }

    @Test(arguments: [
        ("2026-11-01T00:00:00Z", Check.Verdict.fail), ("2027-11-01T00:00:00Z", .ok), ("2036-11-20T00:00:00Z", .warn),
        ("2036-11-24T00:00:00Z", .fail),
    ])
    func aCertificateIsGoodForItsTime(time: String, verdict: Check.Verdict) throws {
        let now = try Date(time, strategy: .iso8601)
        try withFarm { farm in
            let check = Check.certificate("\(farm.path)/farm.pem", now: now)
            #expect(check.verdict == verdict, "\(check.finding)")
            #expect((check.remedy == nil) == (verdict == .ok))
            #expect(Check.certificate(farm.path, now: now).verdict == .fail)
        }
    }

    @Test func whatIsMissingIsNamed() throws {
        func verdicts(_ farm: FarmFolder, _ environment: [String: String]) throws -> [String: Check.Verdict] {
            let settings = try Configuration(.coordinator, file: "/dev/null", environment: environment)
            return Dictionary(
                uniqueKeysWithValues: Check.serving(of: farm, settings).map { ($0.name, $0.verdict) })
        }
        try withFarm { farm in
            #expect(try verdicts(farm, [:]) == [:])
            var environment = ["STORYFARM_HTTP_LISTEN": "0.0.0.0:8443"]
            #expect(try verdicts(farm, environment) == ["tokens": .fail, "tls": .fail])
            try Data("{}".utf8).write(to: URL(filePath: farm.tokens))
            chmod(farm.tokens, 0o600)
            environment["STORYFARM_BEHIND_TLS_PROXY"] = "true"
            #expect(try verdicts(farm, environment) == ["tokens": .ok])
            environment["STORYFARM_TLS_KEY"] = "\(farm.path)/farm.pem"
            #expect(try verdicts(farm, environment) == ["tokens": .ok, "tls": .fail])
            environment["STORYFARM_TLS_CERTIFICATE"] = "\(farm.path)/farm.pem"
            chmod("\(farm.path)/farm.pem", 0o640)
            #expect(Set(try verdicts(farm, environment).keys) == ["tokens", "certificate", "tls key"])
            #expect(try verdicts(farm, environment)["tls key"] == .warn)
        }
    }

    @Test(arguments: ["8443", "0.0.0.0", "0.0.0.0:port", "0.0.0.0:70000", ":8443", "[]:8443"])
    func anAddressThatIsNoneIsNamed(text: String) {
        #expect(Check.httpListen(text).verdict == .fail)
        #expect(Check.httpListen(text).finding.contains("'\(text)'"))
    }

    /// Method: a port that a farm has, which is not the one that is asked after.
    @Test func anAddressThatSomebodyHasIsNamed() async throws {
        try await withServedFarm { served in
            let taken = served.connection.url.replacing("http://", with: "")
            let outcome = try await Program.run(
                "storyfarm", ["doctor", "--json", "--farm", served.folder.appending(path: "none").path],
                in: served.folder, environment: ["STORYFARM_HTTP_LISTEN": taken])
            let report = try outcome.form(CheckReport.self)
            let check = try #require(report.checks.first { $0.name == "http-listen port" })
            #expect(check.verdict == .fail && check.finding.hasPrefix("\(taken): "))
            #expect(report.checks.contains { $0.name.hasPrefix("gpu") })
        }
    }

    @Test func aMachineWithoutGPUsIsAllRight() {
        #expect(Check.devices(.success([])) == [.ok("gpu", "none here")])
        let kind = DeviceKind(
            accelerator: "H100", cpuLevel: "-", libtorch: "-", precision: "-", threads: 1, attention: "-")
        let device = NodeDevice(
            device: WorkerDevice(uuid: "GPU-1", memoryBytes: 80 << 30, kind: kind), isGPU: true)
        #expect(Check.devices(.success([device])) == [.ok("gpu 0", "H100, 80 GiB, GPU-1")])
        #expect(Check.devices(.failure(.failed("ended with status 9"))).map(\.verdict) == [.warn])
    }
}
