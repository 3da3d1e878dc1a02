import Hummingbird

/// What is known of a request while it is answered.
struct ControlContext: RequestContext {
    var coreContext: CoreRequestContextStorage

    init(source: Source) { coreContext = CoreRequestContextStorage(source: source) }
}
