extension FarmMachine {
    /// The farm as its ledger knows it, after a restart.
    ///
    /// Nobody is lost yet: workers go on and say what they hold; what nobody has claimed once workers have ceased to
    /// come back is leased again, see ``FarmLimits/recollection``.
    ///
    /// - Parameters:
    ///   - epoch: higher than every one before.
    ///   - heads: of each segment's stream, as the log has it; segments without records may be left out.
    public init(
        epoch: UInt64, restoring stories: [StoryRecord], devices: [String: DeviceRecord],
        nodes: [String: NodeRecord] = [:], heads: [SegmentID: Int], now: Moment
    ) {
        self.init(epoch: epoch)
        self.now = now
        restored = now
        (self.devices, self.nodes) = (devices, nodes)
        for var story in stories.sorted(by: { $0.id < $1.id }) {
            for index in story.touched.indices {
                let segment = SegmentID(story: story.id, number: UInt32(index + 1))
                story.touched[index].head = heads[segment] ?? 0
                if let holding = story.touched[index].holding {
                    unclaimed[holding.worker, default: []].append(segment)
                }
            }
            story.recount()
            self.stories[story.id] = story
            for index in story.touched.indices {
                let segment = SegmentID(story: story.id, number: UInt32(index + 1))
                touchedSegments.append(segment)
                if story.touched[index].state == .denoised { wantDelivery(segment, by: nil) }
            }
            if story.touched.count < story.terms.segmentCount {
                touchedSegments.append(SegmentID(story: story.id, number: UInt32(story.touched.count + 1)))
            }
            if !story.state.isTerminal {
                // What the ledger knows may stand on records that the log has no more.
                for (index, record) in story.touched.enumerated() {
                    lose(SegmentID(story: story.id, number: UInt32(index + 1)), from: record.head)
                }
                extendFilm(of: story.id)
            }
        }
        // Until the first worker is back, it may be the network that is not.
        if !unclaimed.isEmpty { setAlarm(.recollection, at: now + FarmLimits.recollection) }
        awaitNodes()
        for device in devices.filter(\.value.isSetAside).keys.sorted() { scheduleProbe(of: device) }
        settle()
    }

    /// What the first events after a restart have to take along.
    public mutating func takeOutcome() -> FarmOutcome { handle(.ticked, at: now) }
}
