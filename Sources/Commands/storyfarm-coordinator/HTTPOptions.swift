import ArgumentParser
import Console
import ControlAPI
import FarmFolder

/// Who is answered over HTTP, where and how often.
struct HTTPOptions: ParsableArguments {
    @Option(help: .setting(.httpPort, valueName: "port"))
    var httpPort = Configuration.current.integer(.httpPort)
    @Option(help: .setting(.httpListen, valueName: "host:port"))
    var httpListen: String?
    @Option(help: .setting(.tlsCertificate, valueName: "file"), completion: .file())
    var tlsCertificate: String?
    @Option(help: .setting(.tlsKey, valueName: "file"), completion: .file())
    var tlsKey: String?
    @Flag(inversion: .prefixedNo, help: .setting(.behindTLSProxy))
    var behindTLSProxy = Configuration.current.flag(.behindTLSProxy)
    @Option(help: .setting(.httpHost, valueName: "name"))
    var httpHost: [String] = []
    @Option(help: .setting(.tokens, valueName: "file"), completion: .file(extensions: ["json"]))
    var tokens: String?
    @Option(help: .setting(.requestsPerSecond, valueName: "requests"))
    var requestsPerSecond = Configuration.current.integer(.requestsPerSecond)

    func configuration(of farm: FarmFolder) throws -> ControlConfiguration {
        try Setting.httpPort.check(httpPort)
        try Setting.requestsPerSecond.check(requestsPerSecond)
        var configuration = ControlConfiguration(connectionFile: farm.connectionFile, port: httpPort)
        configuration.tokenFile = tokens ?? Configuration.current.optionalText(.tokens) ?? farm.tokens
        configuration.auditFile = farm.auditLog
        configuration.requestsPerSecond = requestsPerSecond
        configuration.connections = min(configuration.connections, OpenFileLimit.raise() / 4)
        configuration.remote = try remote()
        return configuration
    }

    private func remote() throws -> RemoteListener? {
        let names = httpHost.isEmpty ? Configuration.current.list(.httpHost) : httpHost
        guard let address = httpListen ?? Configuration.current.optionalText(.httpListen) else {
            guard certificate == nil, key == nil, !behindTLSProxy, names.isEmpty else {
                throw WrongInput("--tls-certificate, --tls-key, --behind-tls-proxy and --http-host want --http-listen")
            }
            return nil
        }
        guard let place = ListenAddress(address) else {
            throw WrongInput("--http-listen is '\(address)', expected an address and a port, as 0.0.0.0:8443")
        }
        let security = try security()
        // What is wrong with an address that anybody can listen to is said first.
        if security != nil, names.isEmpty, ["0.0.0.0", "::"].contains(place.host) {
            throw WrongInput(
                "--http-listen \(address) is every address of this machine: say with --http-host by which people ask")
        }
        return RemoteListener(host: place.host, port: Int(place.port), security: security, names: names)
    }

    private var certificate: String? { tlsCertificate ?? Configuration.current.optionalText(.tlsCertificate) }
    private var key: String? { tlsKey ?? Configuration.current.optionalText(.tlsKey) }

    private func security() throws -> RemoteListener.Security? {
        switch (certificate, key) {
        case (let certificate?, let key?):
            guard !behindTLSProxy else { throw WrongInput("--tls-certificate or --behind-tls-proxy, not both") }
            return .tls(certificate: certificate, key: key)
        case (nil, nil): return behindTLSProxy ? .proxy : nil
        default: throw WrongInput("--tls-certificate and --tls-key go together")
        }
    }
}
