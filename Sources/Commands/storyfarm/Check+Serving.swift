import Checkup
import Console
import FarmFolder
import Foundation
import NIOSSL

extension Check {
    /// What a coordinator needs besides a port to answer whoever asks from elsewhere.
    ///
    /// - Parameter settings: the coordinator's.
    static func serving(of farm: FarmFolder, _ settings: Configuration) -> [Check] {
        guard let address = settings.optionalText(.httpListen) else { return [] }
        var checks = [tokens(settings.optionalText(.tokens) ?? farm.tokens, in: farm)]
        switch (settings.optionalText(.tlsCertificate), settings.optionalText(.tlsKey)) {
        case (let certificate?, let key?):
            checks += [self.certificate(certificate, now: Date()), isPrivate(key, as: "tls key", mode: "600")]
        case (nil, nil) where settings.flag(.behindTLSProxy): break
        default:
            checks.append(
                .fail(
                    "tls", "\(address) is to be opened without a certificate and its key",
                    remedy: "say tls-certificate and tls-key, or behind-tls-proxy"))
        }
        return checks
    }

    /// Whether others could be answered there.
    static func httpListen(_ text: String) -> Check {
        let name = "http-listen port"
        guard let address = ListenAddress(text) else {
            return .fail(name, "'\(text)' is no address with a port", remedy: "write it as 0.0.0.0:8443")
        }
        return isFree(host: address.host, port: address.port, as: name, family: AF_UNSPEC)
    }

    private static func tokens(_ path: String, in farm: FarmFolder) -> Check {
        guard FileManager.default.fileExists(atPath: path) else {
            return .fail(
                "tokens", "\(path) is not there: nobody could come in",
                remedy: "storyfarm-coordinator token add NAME --role submitter --folder \(farm.path)")
        }
        return isPrivate(path, as: "tokens", mode: "600")
    }

    /// Days before its end from which on a certificate is worth a word.
    private static let days = 14.0

    static func certificate(_ path: String, now: Date) -> Check {
        guard let first = try? NIOSSLCertificate.fromPEMFile(path).first else {
            return .fail("certificate", "\(path) can't be read as certificates in PEM", remedy: "name another file")
        }
        let begin = Date(timeIntervalSince1970: Double(first.notValidBefore))
        let end = Date(timeIntervalSince1970: Double(first.notValidAfter))
        let remedy = "renew it; the coordinator takes it at its next start"
        if now >= end { return .fail("certificate", "\(path) ended on \(end.formatted(.iso8601))", remedy: remedy) }
        if now < begin {
            return .fail("certificate", "\(path) begins on \(begin.formatted(.iso8601))", remedy: "check the clock")
        }
        let finding = "\(path), until \(end.formatted(.iso8601))"
        let isNear = end.timeIntervalSince(now) < days * 86_400
        return isNear ? .warn("certificate", finding, remedy: remedy) : .ok("certificate", finding)
    }
}
