import CThroughput
import Transport

/// Messages per second of two C threads.
func throughputOfC(_ comparison: Comparison, _ payloads: Payloads) throws -> Double {
    var result = cthroughput_result()
    let status = comparison.endpoint.withCString { endpoint in
        payloads.pointers.withUnsafeBufferPointer { pointers in
            var plan = cthroughput_plan(
                endpoint: endpoint, curve: comparison.isEncrypted ? 1 : 0, payloads: pointers.baseAddress,
                payload_count: Int32(pointers.count), bytes: payloads.bytes, messages: Int32(comparison.messages),
                high_water: Int32(comparison.highWater))
            return cthroughput_run(&plan, &result)
        }
    }
    guard status == 0, result.received == comparison.messages, result.corrupt == 0 else {
        throw DataLoss(
            received: Int(result.received), expected: comparison.messages, corrupt: Int(result.corrupt))
    }
    return Double(comparison.messages - 1) / result.seconds
}

/// Messages per second from one task to another, through two owning threads.
func throughputOfTransport(_ comparison: Comparison, _ payloads: Payloads) async throws -> Double {
    let context = try Context(ioThreads: 2)
    let way = try Way(comparison, in: context)
    async let sending: Void = send(comparison.messages, of: payloads, through: way.dealer)
    let result = try await receive(comparison.messages, of: payloads, from: way.router)
    try await sending
    await way.close()
    await context.terminate()
    return result
}

/// Two links with limits like the C program's, each on a thread of its own.
private struct Way {
    let router: Link
    let dealer: Link
    private let threads: [SocketThread]
    private let authenticator: Authenticator?

    init(_ comparison: Comparison, in context: Context) throws {
        var security = (server: SocketOptions.Security.plain, client: SocketOptions.Security.plain)
        if comparison.isEncrypted {
            let (serverKeys, clientKeys) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
            var allowList = AllowList()
            allowList.admit(clientKeys.publicKey, as: "bench", to: "bench")
            authenticator = try Authenticator(in: context, allowing: allowList)
            security = (
                .curveServer(serverKeys, domain: "bench"), .curveClient(clientKeys, server: serverKeys.publicKey)
            )
        } else {
            authenticator = nil
        }
        let threads = [try SocketThread(in: context), try SocketThread(in: context)]
        func options(_ security: SocketOptions.Security) -> SocketOptions {
            var options = SocketOptions.bulk(security)
            options.sendHighWater = comparison.highWater
            options.receiveHighWater = comparison.highWater
            return options
        }
        router = try threads[0].bind(.router, to: comparison.endpoint, options(security.server))
        dealer = try threads[1].connect(.dealer, to: router.endpoint, options(security.client))
        self.threads = threads
    }

    func close() async {
        for thread in threads { await thread.close() }
        await authenticator?.close()
    }
}

private func send(_ count: Int, of payloads: Payloads, through link: Link) async throws {
    for number in 0..<count { try await link.send(Multipart([payloads.frame(number)])) }
}

/// Looks at samples of every message while the clock runs, as the C program does, and at all bytes of some afterwards.
private func receive(_ count: Int, of payloads: Payloads, from link: Link) async throws -> Double {
    var kept: [(number: Int, frame: Frame)] = []
    var number = 0
    var corrupt = 0
    var start = ContinuousClock.now
    for await message in link.messages {
        if number == 0 { start = .now }
        if !payloads.matchesSamples(of: number, message.frames[0]) { corrupt += 1 }
        if number % (count / 16) == 7 { kept.append((number, message.frames[0])) }
        number += 1
        if number == count { break }
    }
    let elapsed = start.duration(to: .now)
    for (number, frame) in kept where !payloads.equals(number, frame) { corrupt += 1 }
    guard number == count, corrupt == 0 else { throw DataLoss(received: number, expected: count, corrupt: corrupt) }
    return Double(count - 1) / (elapsed / .seconds(1))
}
