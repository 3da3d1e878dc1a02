import Testing

@testable import Transport

/// Goal: only listed keys get in, each refusal can be told from the others, and nothing is admitted by omission.
struct CurveTests {
    private struct Farm {
        let loopback: Loopback
        let authenticator: Authenticator
        let router: Link
        let serverKeys: CurveKeyPair
        let clientKeys: CurveKeyPair
        var allowList = AllowList()

        init() throws {
            loopback = try Loopback()
            serverKeys = try .generate()
            clientKeys = try .generate()
            allowList.admit(clientKeys.publicKey, as: "pool-a", to: "farm")
            authenticator = try Authenticator(in: loopback.context, allowing: allowList)
            router = try loopback.router(.control(.curveServer(serverKeys, domain: "farm")))
        }

        func client(_ keys: CurveKeyPair, server: CurvePublicKey? = nil) throws -> Link {
            var options = SocketOptions.control(.curveClient(keys, server: server ?? serverKeys.publicKey))
            options.handshakeTimeout = .milliseconds(300)
            options.reconnectMaximum = .milliseconds(300)
            return try loopback.dealer(to: router, options)
        }

        /// Shows that a listed client is still served.
        func servesItsClients() async throws {
            let dealer = try client(clientKeys)
            try await dealer.send("hello")
            #expect(try await router.next().text == "hello")
        }

        func close() async throws {
            try await within { await authenticator.close() }
            try await loopback.close()
        }
    }

    @Test func aListedKeyPassesAndItsNameComesWithEveryMessage() async throws {
        let farm = try Farm()
        let dealer = try farm.client(farm.clientKeys)
        try await dealer.event(.ready)
        try await dealer.send("hello")
        let message = try await farm.router.next()
        #expect(message.userID == "pool-a")
        try await farm.router.send("welcome", to: message.peer)
        #expect(try await dealer.next().text == "welcome")
        #expect(farm.authenticator.counts.admitted == 1)
        try await farm.close()
    }

    @Test func anUnknownKeyIsRefusedAndBothSidesSeeWhy() async throws {
        let farm = try Farm()
        let dealer = try farm.client(.generate())
        try await dealer.event(.notAdmitted)
        try await farm.router.event(.notAdmitted)
        #expect(farm.authenticator.counts.refused >= 1)
        #expect(farm.authenticator.counts.admitted == 0)
        try await farm.servesItsClients()
        try await farm.close()
    }

    @Test func aPlainClientIsRefused() async throws {
        let farm = try Farm()
        let dealer = try farm.loopback.dealer(to: farm.router)
        try await farm.router.event(.handshakeFailed(.otherSecurity))
        try await dealer.event { $0.kind == .disconnected || $0.kind == .handshakeFailed(.otherSecurity) }
        #expect(farm.authenticator.counts == Authenticator.Counts())
        try await farm.servesItsClients()
        try await farm.close()
    }

    @Test func aClientWithAnotherServersKeyGetsNowhere() async throws {
        let farm = try Farm()
        let dealer = try farm.client(farm.clientKeys, server: try CurveKeyPair.generate().publicKey)
        try await farm.router.event(.handshakeFailed(.wrongKey))
        // The client is told nothing, but it was connected: so somebody listens.
        try await dealer.event(.connected)
        try await dealer.event { $0.kind == .disconnected || $0.kind == .handshakeFailed(.closed) }
        try await farm.servesItsClients()
        try await farm.close()
    }

    @Test func nobodyListeningLooksDifferent() async throws {
        let loopback = try Loopback()
        let silent = try UnusedPort()
        let dealer = try loopback.connecting.connect(.dealer, to: silent.endpoint, .control(.plain))
        let first = try await dealer.event { _ in true }
        guard case .retrying = first.kind else {
            Issue.record("expected a retry, not \(first)")
            return
        }
        try await loopback.close()
    }

    @Test func aRevokedKeyIsRefusedWithoutARestart() async throws {
        var farm = try Farm()
        let dealer = try farm.client(farm.clientKeys)
        try await dealer.send("hello")
        let peer = try #require(try await farm.router.next().peer)
        farm.allowList.revoke(farm.clientKeys.publicKey)
        farm.authenticator.replace(with: farm.allowList)
        // The connection lives on until it is ended.
        try await dealer.send("still here")
        #expect(try await farm.router.next().peer == peer)
        farm.router.disconnect(peer)
        try await dealer.event(.notAdmitted)
        // libzmq gives up on a refused key; the link does not, so that admitting it again needs no restart either.
        farm.allowList.admit(farm.clientKeys.publicKey, as: "pool-b", to: "farm")
        farm.authenticator.replace(with: farm.allowList)
        try await dealer.event(.ready)
        try await dealer.send("back")
        let message = try await farm.router.next()
        #expect(message.text == "back")
        #expect(message.userID == "pool-b")
        try await farm.close()
    }

    @Test func whoIsShunnedLosesItsConnectionAndOthersDoNot() async throws {
        var farm = try Farm()
        let keys = try CurveKeyPair.generate()
        farm.allowList.admit(keys.publicKey, as: "pool-b", to: "farm")
        farm.authenticator.replace(with: farm.allowList)
        let (stays, goes, silent) = (try farm.client(farm.clientKeys), try farm.client(keys), try farm.client(keys))
        for dealer in [stays, goes, silent] { try await dealer.event(.ready) }
        for dealer in [stays, goes] {
            try await dealer.send("hello")
            _ = try await farm.router.next()
        }
        farm.allowList.revoke(keys.publicKey)
        farm.authenticator.replace(with: farm.allowList)
        farm.router.shun(["pool-b"])
        try await goes.event(.notAdmitted)
        // It had its connection before, and nobody knew whose it was: now it says so.
        try await silent.send("hello")
        try await silent.event(.notAdmitted)
        try await stays.send("still here")
        #expect(try await farm.router.next().userID == "pool-a", "what the shunned sent is dropped")
        farm.allowList.admit(keys.publicKey, as: "pool-b", to: "farm")
        farm.authenticator.replace(with: farm.allowList)
        farm.router.shun([])
        try await goes.event(.ready)
        try await goes.send("back")
        #expect(try await farm.router.next().text == "back")
        try await farm.close()
    }

    @Test func withoutAnAuthenticatorNobodyIsAdmitted() async throws {
        let farm = try Farm()
        try await within { await farm.authenticator.close() }
        let dealer = try farm.client(farm.clientKeys)
        // At once, or by the handshake's timeout if libzmq has not yet forgotten the authenticator.
        try await dealer.event { $0.kind == .disconnected || $0.kind == .handshakeFailed(.closed) }
        try await farm.router.event {
            if case .handshakeFailed = $0.kind { return true } else { return $0.kind == .disconnected }
        }
        #expect(farm.router.core.messages.backlog == 0)
        try await farm.close()
    }

    @Test func aContextHasOneAuthenticator() async throws {
        let farm = try Farm()
        let error = #expect(throws: SocketError.self) { try Authenticator(in: farm.loopback.context) }
        #expect(error?.isAddressInUse == true)
        try await farm.close()
    }
}
