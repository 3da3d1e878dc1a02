import ArgumentParser
import Console
import ControlAPI

/// Who is answered over HTTP, where and how often.
struct HTTPOptions: ParsableArguments {
    @Option(help: "Port of the HTTP interface on 127.0.0.1; 0 is any that is free.")
    var httpPort = 0
    @Option(
        help: ArgumentHelp(
            "Where others ask, as 0.0.0.0:8443, with a token of --tokens; wants a certificate or --behind-tls-proxy.",
            valueName: "host:port"))
    var httpListen: String?
    @Option(help: ArgumentHelp("PEM file: the certificate of --http-listen, with its chain.", valueName: "file"))
    var tlsCertificate: String?
    @Option(help: ArgumentHelp("PEM file: its key.", valueName: "file"))
    var tlsKey: String?
    @Flag(help: "Nobody reaches --http-listen but through a proxy that people reach by TLS only.")
    var behindTLSProxy = false
    @Option(help: ArgumentHelp("A name by which others ask; more than one may be given.", valueName: "name"))
    var httpHost: [String] = []
    @Option(help: ArgumentHelp("The list of tokens; by default tokens.json in the folder.", valueName: "file"))
    var tokens: String?
    @Option(help: "Requests a second of one token's subject; twice as many at once.")
    var requestsPerSecond = 200

    func configuration(folder: String) throws -> ControlConfiguration {
        guard 0...65535 ~= httpPort else { throw WrongInput("--http-port is \(httpPort), expected 0 to 65535") }
        guard 1...1_000_000 ~= requestsPerSecond else {
            throw WrongInput("--requests-per-second is \(requestsPerSecond), expected 1 to 1000000")
        }
        var configuration = ControlConfiguration(connectionFile: "\(folder)/farm.json", port: httpPort)
        configuration.tokenFile = tokens ?? TokenCommand.list(in: folder)
        configuration.auditFile = "\(folder)/audit.log"
        configuration.requestsPerSecond = requestsPerSecond
        configuration.connections = min(configuration.connections, OpenFileLimit.raise() / 4)
        configuration.remote = try remote()
        return configuration
    }

    private func remote() throws -> RemoteListener? {
        guard let httpListen else {
            guard tlsCertificate == nil, tlsKey == nil, !behindTLSProxy, httpHost.isEmpty else {
                throw WrongInput("--tls-certificate, --tls-key, --behind-tls-proxy and --http-host want --http-listen")
            }
            return nil
        }
        guard let colon = httpListen.lastIndex(of: ":"), let port = UInt16(httpListen[colon...].dropFirst()) else {
            throw WrongInput("--http-listen is '\(httpListen)', expected an address and a port, as 0.0.0.0:8443")
        }
        var host = String(httpListen[..<colon])
        if host.hasPrefix("["), host.hasSuffix("]") { host = String(host.dropFirst().dropLast()) }
        guard !host.isEmpty else { throw WrongInput("--http-listen names no address") }
        return RemoteListener(host: host, port: Int(port), security: try security(), names: httpHost)
    }

    private func security() throws -> RemoteListener.Security? {
        switch (tlsCertificate, tlsKey) {
        case (let certificate?, let key?):
            guard !behindTLSProxy else { throw WrongInput("--tls-certificate or --behind-tls-proxy, not both") }
            return .tls(certificate: certificate, key: key)
        case (nil, nil): return behindTLSProxy ? .proxy : nil
        default: throw WrongInput("--tls-certificate and --tls-key go together")
        }
    }
}
