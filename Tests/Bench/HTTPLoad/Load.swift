import Glibc

/// Who asks and who listens, on one thread.
final class Load {
    private let port: UInt16
    private let requests: [[UInt8]]
    private let listening: [UInt8]
    private var poll: Poll
    private var peers: [Int: Peer] = [:]
    private var idle: [Int] = []
    private var askers = 0
    /// Questions that wait for a connection: which, and when each was due.
    private var pending: [(question: Int, due: Double)] = []
    private var number = Load.inputNumber
    private var figures = Figures()
    private var streams = 0
    private var lost = 0
    private var events = 0
    /// From when they happened until they were here, in seconds: of the last of each piece.
    private var delays: [Double] = []
    private let space = UnsafeMutableRawBufferPointer.allocate(byteCount: 64 << 10, alignment: 16)
    private var input: [UInt8] = []
    private var hasInputEnded = false

    private static let inputNumber = 0
    /// Connections that ask.
    private static let askersMax = 256

    init(port: UInt16, token: String, addresses: [String]) throws {
        func request(_ address: String) -> [UInt8] {
            Array("GET \(address) HTTP/1.1\r\nHost: 127.0.0.1\r\nAuthorization: Bearer \(token)\r\n\r\n".utf8)
        }
        self.port = port
        requests = addresses.map(request)
        listening = request("/v1/events")
        poll = try Poll()
        // A file can't be waited for, and need not be.
        try? poll.watch(STDIN_FILENO, as: Self.inputNumber)
    }

    deinit { space.deallocate() }

    // MARK: What is wanted

    /// The next line of standard input; listens meanwhile.
    func command() -> String? {
        while true {
            if let end = input.firstIndex(of: 0x0A) {
                defer { input.removeSubrange(...end) }
                return String(decoding: input[..<end], as: UTF8.self)
            }
            if hasInputEnded { return nil }
            turn()
        }
    }

    func listen(_ count: Int) throws -> String {
        for _ in 0..<count {
            let peer = try open(.listener)
            guard peer.send(listening) else { throw SystemError(call: "send") }
            // A server takes so many at once and no more.
            let wanted = streams + lost + 1
            while streams + lost < wanted { turn() }
        }
        return "{\"listening\": \(streams), \"lost\": \(lost)}"
    }

    /// Asks each question when it is due, whether or not earlier ones were answered.
    func read(perSecond rate: Double, for seconds: Double) throws -> Figures {
        figures = Figures()
        let (begun, used, heard) = (now(), processorTime(), events)
        let count = Int(rate * seconds)
        for question in 0..<count {
            let due = begun + Double(question) / rate
            while now() < due { turn(until: due) }
            if let number = try idle.popLast() ?? openAsker() {
                ask(question, due, through: number)
            } else {
                pending.append((question, due))
            }
        }
        // What is not answered by then never is.
        let end = now() + 10
        while figures.times.count + figures.errors < count, now() < end { turn(until: end) }
        figures.errors = count - figures.times.count
        pending = []
        (figures.processorTime, figures.elapsed) = (processorTime() - used, now() - begun)
        figures.events = events - heard
        return figures
    }

    func heard() -> String {
        let sorted = delays.sorted()
        delays = []
        return "{\"listening\": \(streams), \"lost\": \(lost), \"events\": \(events), "
            + "\"delay50\": \(Figures.at(0.5, of: sorted)), \"delay99\": \(Figures.at(0.99, of: sorted))}"
    }

    // MARK: What comes

    private func open(_ role: Peer.Role) throws -> Peer {
        number += 1
        let descriptor = try connect(port: port)
        let peer = Peer(descriptor, role)
        peers[number] = peer
        // Loopback connects at once or not at all; until then nothing can be sent.
        var state = pollfd(fd: descriptor, events: Int16(POLLOUT), revents: 0)
        guard Glibc.poll(&state, 1, 5_000) == 1 else { throw SystemError(call: "connect") }
        try poll.watch(descriptor, as: number)
        return peer
    }

    private func openAsker() throws -> Int? {
        guard askers < Self.askersMax else { return nil }
        askers += 1
        _ = try open(.asker)
        return number
    }

    private func ask(_ question: Int, _ due: Double, through number: Int) {
        peers[number]!.due = due
        if !peers[number]!.send(requests[question % requests.count]) { drop(number) }
    }

    private func turn(until end: Double? = nil) {
        for number in poll.wait(until: end) {
            switch number {
            case Self.inputNumber:
                let count = Glibc.read(STDIN_FILENO, space.baseAddress, space.count)
                if count > 0 { input += UnsafeRawBufferPointer(rebasing: space[..<count]) }
                hasInputEnded = count <= 0
            default: receive(number)
            }
        }
    }

    private func receive(_ number: Int) {
        guard let peer = peers[number] else { return }
        let isThere = peer.receive(into: space) { piece in
            switch peer.role {
            case .asker: take(peer.takeAnswer(piece), of: number, peer)
            case .listener:
                let wasListening = peer.isListening
                let (count, last) = peer.takeEvents(piece)
                if peer.isListening, !wasListening { streams += 1 }
                events += count
                if let last { delays.append(dateNow() - last) }
            }
        }
        if !isThere { drop(number) }
    }

    private func take(_ status: Int?, of number: Int, _ peer: Peer) {
        guard let status, let due = peer.due else { return }
        if status == 200 { figures.times.append(now() - due) } else { figures.errors += 1 }
        peer.due = nil
        if pending.isEmpty { return idle.append(number) }
        let next = pending.removeFirst()
        ask(next.question, next.due, through: number)
    }

    private func drop(_ number: Int) {
        guard let peer = peers.removeValue(forKey: number) else { return }
        idle.removeAll { $0 == number }
        switch peer.role {
        case .asker:
            askers -= 1
            if peer.due != nil { figures.errors += 1 }
        case .listener:
            if peer.isListening { streams -= 1 }
            lost += 1
        }
    }
}
