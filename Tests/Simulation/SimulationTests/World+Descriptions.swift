import Farm

extension World {
    // MARK: For whoever reads a failure

    func describeWhatIsOpen() -> String {
        let open = (farm?.stories.values.filter { !$0.state.isTerminal } ?? []).sorted { $0.id < $1.id }
        return "unaccepted \(unaccepted.count), " + open.prefix(3).map { describe($0) }.joined(separator: "; ")
            + describeWorkers()
    }

    private func describe(_ story: StoryRecord) -> String {
        let segments = story.touched.map { record in
            let holder = record.holding.flatMap { workers[$0.worker] }
            let held = holder.map { "\($0.id.low) connected \($0.isConnected) alive \($0.isAlive) \($0.machine.held)" }
            return "\(record.state) \(record.head) \(record.holding.map { "\($0)" } ?? "") \(held ?? "")"
        }
        return "\(story.id.rawValue) \(story.state) \(story.note ?? "") \(story.terms.handoff)"
            + " blends from \(story.terms.firstBlend):\n  " + segments.joined(separator: "\n  ")
    }

    private func describeWorkers() -> String {
        workers.values.filter(\.isAlive).sorted { $0.id < $1.id }.map { node in
            let known = farm?.workers[node.id]
            return "\n  worker \(node.id.low) on \(node.description.device.uuid) connected \(node.isConnected) "
                + "stopping \(node.machine.isStopping), known as \(known.map { "\($0)" } ?? "nobody")"
        }.joined()
    }
}
