import Control
import Foundation
import NIOCore

/// Hangs up on who asks and takes nothing of the answer, which would hold a connection for ever; and writes it into the
/// audit log.
///
/// Whoever takes anything between two looks goes on, however slow it is.
final class StandstillGuard: ChannelOutboundHandler, RemovableChannelHandler {
    typealias OutboundIn = IOData
    typealias OutboundOut = IOData

    private let limit: TimeAmount
    private let audit: AuditLog?
    private var uptake = Uptake()
    /// Nil while everything is taken.
    private var nextLook: Scheduled<Void>?

    init(_ limit: TimeAmount, audit: AuditLog?) { (self.limit, self.audit) = (limit, audit) }

    func handlerRemoved(context: ChannelHandlerContext) { nextLook?.cancel() }

    func write(context: ChannelHandlerContext, data: NIOAny, promise: EventLoopPromise<Void>?) {
        uptake.write(unwrapOutboundIn(data).readableBytes)
        context.write(data, promise: promise)
        if nextLook == nil { scheduleLook(context) }
    }

    private func scheduleLook(_ context: ChannelHandlerContext) {
        let bound = NIOLoopBound((handler: self, context: context), eventLoop: context.eventLoop)
        nextLook = context.eventLoop.scheduleTask(in: limit) {
            let (handler, context) = bound.value
            handler.look(context)
        }
    }

    private func look(_ context: ChannelHandlerContext) {
        nextLook = nil
        let waiting = try? context.channel.syncOptions?.getOption(ChannelOptions.bufferedWritableBytes)
        switch uptake.look(waiting: waiting ?? 0) {
        case .whole: break
        case .moving: scheduleLook(context)
        case .still: hangUp(context)
        }
    }

    private func hangUp(_ context: ChannelHandlerContext) {
        let seconds = Int((Double(limit.nanoseconds) / 1e9).rounded(.up))
        let problem = Problem(
            status: 408, code: .limit, detail: "nothing of an answer was taken in time",
            limit: Problem.Limit(name: "standstillSeconds", value: seconds))
        audit?.write(
            AuditEntry(
                time: Date(), caller: nil, address: context.remoteAddress?.ipAddress, method: "", path: "",
                status: problem.status, problem: problem))
        context.close(promise: nil)
    }
}

/// Whether somebody takes what is written to it, from one look to the next.
struct Uptake: Equatable {
    enum Finding {
        /// All of it is taken.
        case whole
        /// Some was taken since the last look.
        case moving
        case still
    }

    private var written = 0
    /// When it was looked at last.
    private var taken = 0

    mutating func write(_ bytes: Int) { written += bytes }

    /// - Parameter waiting: bytes that are written and still here.
    mutating func look(waiting: Int) -> Finding {
        let before = taken
        taken = written - waiting
        return waiting == 0 ? .whole : taken > before ? .moving : .still
    }
}
