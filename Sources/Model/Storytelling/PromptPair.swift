/// One value for a segment's scene prompt and one for its action prompt.
public struct PromptPair<Value> {
    public var scene: Value
    public var action: Value

    public init(scene: Value, action: Value) {
        self.scene = scene
        self.action = action
    }

    public func map<Result, Failure: Error>(
        _ transform: (Value) throws(Failure) -> Result
    ) throws(Failure) -> PromptPair<Result> {
        PromptPair<Result>(scene: try transform(scene), action: try transform(action))
    }
}

extension PromptPair: Sendable where Value: Sendable {}
extension PromptPair: Equatable where Value: Equatable {}
extension PromptPair: Codable where Value: Codable {}

extension PromptPair<String> {
    /// One text made of both, as plain Mochi is given it.
    public var joined: String { "\(scene). \(action)" }
}
