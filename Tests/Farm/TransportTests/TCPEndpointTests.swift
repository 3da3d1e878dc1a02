import Testing
import Transport

/// Goal: whoever reached a coordinator finds its second socket, also where that listens on all addresses.
@Suite struct TCPEndpointTests {
    @Test(arguments: [
        ("tcp://10.0.0.1:5555", "10.0.0.1", "5555"), ("tcp://[::1]:*", "[::1]", "*"), ("tcp://*:80", "*", "80"),
    ])
    func partsAreFoundAndJoined(_ text: String, _ host: String, _ port: String) throws {
        let endpoint = try #require(TCPEndpoint(text))
        #expect(endpoint == TCPEndpoint(host: host, port: port) && endpoint.description == text)
    }

    @Test(arguments: ["", "tcp://", "tcp://host", "tcp://:80", "ipc:///a:b", "host:80"])
    func nothingElseIsOne(_ text: String) { #expect(TCPEndpoint(text) == nil) }

    @Test(arguments: ["tcp://0.0.0.0:7", "tcp://[::]:7", "tcp://*:7"])
    func allAddressesBecomeTheOneThatWasReached(_ told: String) {
        let reached = TCPEndpoint(told)!.reached(as: TCPEndpoint("tcp://head.example:5555"))
        #expect(reached.description == "tcp://head.example:7")
    }

    @Test func anAddressThatWasToldIsKept() {
        let told = TCPEndpoint("tcp://10.0.0.2:7")!
        #expect(told.reached(as: TCPEndpoint("tcp://10.0.0.1:5555")) == told)
    }
}
