import Transport

extension Link {
    /// Posts a small message that its receiver waits for and would not ask for again, until its connection has room for
    /// it or is gone.
    func insist(_ message: Multipart) {
        post(message) { [weak self] outcome in
            switch outcome {
            case .failure(.peerFull), .failure(.queueFull):
                Task {
                    try? await ContinuousClock().sleep(for: .milliseconds(20))
                    self?.insist(message)
                }
            // Whoever is gone comes back and begins anew.
            case .success, .failure: break
            }
        }
    }
}
