extension StoryRecord {
    /// Whether it has ended, and nothing of it is worked on or waits to be: of a failed story what came before the
    /// failure may still be delivered.
    public var isAtRest: Bool {
        state.isTerminal && touched.allSatisfy { $0.isClosed || $0.state == .blocked }
    }

    /// The first segment that has to be rendered again for a segment to be: others before it may have lost the
    /// boundaries that their successors read.
    ///
    /// - Parameter number: 1…N.
    public func firstRendered(for number: Int) -> Int {
        let wanted = terms.read(before: terms.steps).upperBound
        var first = number
        // Whatever is not denoised is rendered anyway, and with it its boundaries.
        while first > 1, segment(first - 1).isDenoised, segment(first - 1).head < wanted { first -= 1 }
        return first
    }
}
