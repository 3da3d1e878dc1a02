import HummingbirdCore
import HummingbirdTLS
import NIOCore
import NIOSSL

/// An address at which the farm is asked, and who may ask there.
struct Listener: Sendable {
    let host: String
    let port: Int
    let hosts: AllowedHosts
    /// The run's own token, of the user who runs the farm; nil where it is not taken.
    let owner: AccessToken?
    let tokens: TokenKeeper?
    let tls: TLSConfiguration?

    /// For the programs of this machine.
    static func loopback(port: Int, owner: AccessToken, tokens: TokenKeeper?) -> Listener {
        Listener(host: "127.0.0.1", port: port, hosts: .loopback, owner: owner, tokens: tokens, tls: nil)
    }

    /// For others: refused where what they say could be overheard, or where anybody could come in.
    static func remote(_ remote: RemoteListener, tokens: TokenKeeper?) throws(ControlAPIError) -> Listener {
        guard let tokens, !tokens.isEmpty() else {
            throw .unprotected(
                host: remote.host, reason: "no valid token is in the list; storyfarm-coordinator token add makes one")
        }
        var tls: TLSConfiguration?
        switch remote.security {
        case .tls(let certificate, let key): tls = try configuration(certificate, key)
        case .proxy: break
        case nil:
            guard remote.isLoopback else {
                throw .unprotected(
                    host: remote.host, reason: "certificate and key are wanted, or a TLS proxy that stands in front")
            }
        }
        return Listener(
            host: remote.host, port: remote.port, hosts: AllowedHosts(remote.names), owner: nil, tokens: tokens,
            tls: tls)
    }

    private static func configuration(_ certificate: String, _ key: String) throws(ControlAPIError) -> TLSConfiguration
    {
        let chain: [NIOSSLCertificate]
        do { chain = try NIOSSLCertificate.fromPEMFile(certificate) } catch {
            throw .file(path: certificate, reason: "it can't be read as certificates in PEM")
        }
        let secret: NIOSSLPrivateKey
        do { secret = try NIOSSLPrivateKey(file: key, format: .pem) } catch {
            throw .file(path: key, reason: "it can't be read as a key in PEM")
        }
        var tls = TLSConfiguration.makeServerConfiguration(
            certificateChain: chain.map { .certificate($0) }, privateKey: .privateKey(secret))
        tls.minimumTLSVersion = .tlsv12
        do { _ = try NIOSSLContext(configuration: tls) } catch {
            throw .file(path: key, reason: "it does not belong to \(certificate)")
        }
        return tls
    }

    /// How connections are taken: bounded in number, in what their heads may hold, and in how long a request may take
    /// to arrive, and an answer to be taken.
    func server(_ configuration: ControlConfiguration, audit: AuditLog?) throws -> HTTPServerBuilder {
        let time = TimeAmount(configuration.requestTime)
        let standstill = TimeAmount(configuration.standstillTime)
        // Behind a proxy all come from one address, and on loopback they are this machine's programs.
        let peers = tls.map { _ in
            PeerCount(limit: max(1, min(configuration.connectionsPerPeer, configuration.connections / 2)))
        }
        let http = HTTPServerBuilder.http1(
            configuration: HTTP1Channel.Configuration(
                additionalChannelHandlers: [
                    RequestGuard(time, standstill: standstill, audit: audit, peers: peers)
                ],
                // Long enough for who began late to be told what is wrong.
                idleTimeout: time * 2,
                httpDecoderConfiguration: HTTP1Channel.Configuration.DecoderConfiguration(
                    maxHeaderFieldSize: ControlLimits.headerBytes, maxHeaderListSize: ControlLimits.headersBytes,
                    maxHeaderFieldCount: ControlLimits.headers)))
        return try tls.map { try .tls(http, tlsConfiguration: $0) } ?? http
    }
}
