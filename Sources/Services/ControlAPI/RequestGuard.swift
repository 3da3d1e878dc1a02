import Control
import Foundation
import HTTPTypes
import NIOCore
import NIOHTTP1
import NIOHTTPTypes

/// Refuses what never becomes a request: what does not arrive whole in time, however steadily bytes drip in, and what
/// can't be read as one. Says why, writes it into the audit log and closes the connection.
///
/// A connection on which nothing comes at all is closed by the server's idle time-out, in silence.
final class RequestGuard: ChannelDuplexHandler, RemovableChannelHandler {
    typealias InboundIn = HTTPRequestPart
    typealias InboundOut = HTTPRequestPart
    typealias OutboundIn = HTTPResponsePart
    typealias OutboundOut = HTTPResponsePart

    private let limit: TimeAmount
    private let standstill: TimeAmount
    private let audit: AuditLog?
    private let peers: PeerCount?
    private var deadline: Scheduled<Void>?
    /// Whether a request has begun to arrive that the router knows of.
    private var isReading = false
    /// Requests whose answers have not been written whole.
    private var unanswered = 0
    private var isAnswering = false
    private var isRefused = false

    /// - Parameter peers: of all connections of a listener; nil where whoever comes may have all of them.
    init(_ limit: TimeAmount, standstill: TimeAmount, audit: AuditLog?, peers: PeerCount? = nil) {
        (self.limit, self.standstill, self.audit, self.peers) = (limit, standstill, audit, peers)
    }

    func handlerAdded(context: ChannelHandlerContext) {
        count(context)
        // Only before the decoder can it be seen that a head has begun.
        let pipeline = context.pipeline.syncOperations
        // Next to the socket, where answers leave as they are.
        try? pipeline.addHandler(StandstillGuard(standstill, audit: audit), position: .first)
        guard let decoder = try? pipeline.handler(type: ByteToMessageHandler<HTTPRequestDecoder>.self) else { return }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        let watch = ArrivalWatch {
            let (handler, context) = bound.value
            handler.startClock(context)
        }
        try? pipeline.addHandler(watch, position: .before(decoder))
    }

    func handlerRemoved(context: ChannelHandlerContext) { deadline?.cancel() }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        switch unwrapInboundIn(data) {
        case .head:
            isReading = true
            unanswered += 1
            // Where it came in one piece with the request before.
            startClock(context)
        case .body: break
        case .end:
            deadline?.cancel()
            (deadline, isReading) = (nil, false)
        }
        context.fireChannelRead(data)
    }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        if case .end = unwrapOutboundIn(data) {
            (isAnswering, unanswered) = (false, unanswered - 1)
        } else {
            isAnswering = true
        }
        context.write(data, promise: promise)
    }

    func errorCaught(context: ChannelHandlerContext, error: any Error) {
        // Who hangs up in the middle of something is told nothing.
        guard let error = error as? HTTPParserError, error != .invalidEOFState else {
            return context.fireErrorCaught(error)
        }
        if error == .headerOverflow {
            let limits = "\(ControlLimits.headers) headers, \(ControlLimits.headerBytes) bytes in one"
            refuse(
                context,
                Problem(
                    status: 431, code: .limit,
                    detail: "the head is too large: at most \(limits) and \(ControlLimits.headersBytes) in all",
                    limit: Problem.Limit(name: "headersBytes", value: ControlLimits.headersBytes)))
        } else {
            refuse(context, Problem(status: 400, code: .invalid, detail: "this can't be read as a request of HTTP/1.1"))
        }
    }

    private func count(_ context: ChannelHandlerContext) {
        guard let peers, let address = context.remoteAddress?.ipAddress else { return }
        if peers.enter(address) {
            context.channel.closeFuture.whenComplete { _ in peers.leave(address) }
            return
        }
        let problem = Problem(
            status: 429, code: .limit, detail: "\(peers.limit) connections from this address are open already",
            limit: Problem.Limit(name: "connectionsPerPeer", value: peers.limit))
        writeDown(problem, context)
        // Nothing is said: TLS would want hands to be shaken first, which is the work that this spares.
        isRefused = true
        context.eventLoop.execute { [channel = context.channel] in channel.close(promise: nil) }
    }

    private func startClock(_ context: ChannelHandlerContext) {
        guard deadline == nil else { return }
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        deadline = context.eventLoop.scheduleTask(in: limit) {
            let (handler, context) = bound.value
            let seconds = Int((Double(handler.limit.nanoseconds) / 1e9).rounded(.up))
            handler.refuse(
                context,
                Problem(
                    status: 408, code: .limit, detail: "the request did not arrive whole in time",
                    limit: Problem.Limit(name: "requestSeconds", value: seconds)))
        }
    }

    private func refuse(_ context: ChannelHandlerContext, _ problem: Problem) {
        deadline?.cancel()
        guard !isRefused else { return }
        isRefused = true
        // Not in the middle of an answer, nor in place of another's.
        if !isAnswering, unanswered == (isReading ? 1 : 0) {
            let body = (try? JSONEncoder().encode(problem)) ?? Data()
            let fields: HTTPFields = [
                .connection: "close", .contentType: Problem.mediaType, .contentLength: "\(body.count)",
            ]
            let head = HTTPResponse(status: HTTPResponse.Status(code: problem.status), headerFields: fields)
            context.write(wrapOutboundOut(.head(head)), promise: nil)
            context.write(wrapOutboundOut(.body(ByteBuffer(bytes: body))), promise: nil)
            context.writeAndFlush(wrapOutboundOut(.end(nil)), promise: nil)
        }
        if isReading {
            // Whoever reads the body learns why it ends, and who asked is written down with it.
            context.fireErrorCaught(problem)
        } else {
            writeDown(problem, context)
        }
        context.close(promise: nil)
    }

    private func writeDown(_ problem: Problem, _ context: ChannelHandlerContext) {
        audit?.write(
            AuditEntry(
                time: Date(), caller: nil, address: context.remoteAddress?.ipAddress, method: "", path: "",
                status: problem.status, problem: problem))
    }
}

/// Says when bytes arrive.
private final class ArrivalWatch: ChannelInboundHandler {
    typealias InboundIn = ByteBuffer
    typealias InboundOut = ByteBuffer

    private let tell: () -> Void

    init(_ tell: @escaping () -> Void) { self.tell = tell }

    func channelRead(context: ChannelHandlerContext, data: NIOAny) {
        tell()
        context.fireChannelRead(data)
    }
}
