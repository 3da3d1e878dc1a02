import Testing

@testable import Transport

/// Goal: only a well-formed request with a listed key is admitted; every other input has an answer too.
struct ZAPRequestTests {
    private let key = [UInt8](repeating: 7, count: 32)

    private func request(
        version: String = "1.0", domain: String = "farm", mechanism: String = "CURVE", credentials: [[UInt8]]? = nil
    ) -> [[UInt8]] {
        let head = [version, "1", domain, "127.0.0.1", "", mechanism].map { Array($0.utf8) }
        return head + (credentials ?? [key])
    }

    private func allowList() throws -> AllowList {
        var list = AllowList()
        list.admit(try #require(CurvePublicKey(key)), as: "pool", to: "farm")
        return list
    }

    @Test func aListedKeyIsAdmittedUnderItsName() throws {
        #expect(ZAPReply(to: ZAPRequest(request()), by: try allowList()) == .admitted(name: "pool"))
    }

    @Test func everythingElseIsRefused() throws {
        let list = try allowList()
        #expect(ZAPReply(to: ZAPRequest(request()), by: AllowList()) == .refused)
        #expect(ZAPReply(to: ZAPRequest(request(domain: "other")), by: list) == .refused)
        #expect(ZAPReply(to: ZAPRequest(request(mechanism: "NULL", credentials: [])), by: list) == .refused)
        #expect(ZAPReply(to: ZAPRequest(request(mechanism: "PLAIN")), by: list) == .refused)
        #expect(ZAPReply(to: ZAPRequest(request(credentials: [Array(key.dropLast())])), by: list) == .refused)
        #expect(ZAPReply(to: ZAPRequest(request(credentials: [key, key])), by: list) == .refused)
    }

    @Test func whatIsNoRequestIsMalformed() throws {
        let list = try allowList()
        #expect(ZAPReply(to: ZAPRequest([]), by: list) == .malformed)
        #expect(ZAPReply(to: ZAPRequest(request(version: "2.0")), by: list) == .malformed)
        for count in 0..<6 { #expect(ZAPReply(to: ZAPRequest(Array(request().prefix(count))), by: list) == .malformed) }
    }

    @Test func revokingTakesAKeyOffEveryDomain() throws {
        var list = try allowList()
        let key = try #require(CurvePublicKey(key))
        list.admit(key, as: "other", to: "farm2")
        list.revoke(key)
        #expect(list.name(of: key, in: "farm") == nil)
        #expect(list.name(of: key, in: "farm2") == nil)
    }
}
