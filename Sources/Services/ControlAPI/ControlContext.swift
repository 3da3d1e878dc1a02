import Control
import Hummingbird
import NIOCore
import Synchronization

/// What is known of a request while it is answered.
struct ControlContext: RequestContext {
    var coreContext: CoreRequestContextStorage
    /// Nil until a token has said it.
    var caller: Caller?
    /// Whether what let the request in still does: for an answer that has no end of its own.
    var isStillLetIn: @Sendable () -> Bool = { true }
    /// Where the request comes from; nil where that is no network address.
    let address: String?
    /// Closes the connection, whatever is on its way through it.
    let hangUp: @Sendable () -> Void
    /// For who looks at a request from outside when it is answered.
    let notes = RequestNotes()

    init(source: Source) {
        coreContext = CoreRequestContextStorage(source: source)
        address = source.channel.remoteAddress?.ipAddress
        hangUp = { [channel = source.channel] in channel.close(promise: nil) }
    }
}

/// What the inner parts of a request's way found out; contexts are handed inwards only.
final class RequestNotes: Sendable {
    private let state = Mutex<(caller: Caller?, problem: Problem?, wish: String?)>((nil, nil, nil))

    var caller: Caller? { state.withLock { $0.caller } }
    var problem: Problem? { state.withLock { $0.problem } }
    /// What is wanted that the address does not say, as "workers 2".
    var wish: String? { state.withLock { $0.wish } }

    func note(_ caller: Caller) { state.withLock { $0.caller = caller } }
    func note(_ problem: Problem) { state.withLock { $0.problem = problem } }
    func note(wish: String) { state.withLock { $0.wish = wish } }
}
