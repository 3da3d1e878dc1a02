/// What makes workers exchangeable.
struct CrewKey: Hashable, Sendable {
    let offers: [ModelOffer]
    let kind: DeviceKind
    let memoryBytes: Int
    let encoder: String
    let isSimulated: Bool
}

/// Exchangeable workers.
struct Crew: Sendable {
    let key: CrewKey
    /// Without anything to denoise, by age.
    var idle = IndexedHeap<WorkerID, Int>()
    /// With room for a delivery, the emptiest first.
    var deliverers = IndexedHeap<WorkerID, Room>()

    struct Room: Comparable, Sendable {
        let deliveries, number: Int

        static func < (a: Room, b: Room) -> Bool { (a.deliveries, a.number) < (b.deliveries, b.number) }
    }
}

/// Whose delivery is next.
struct DeliveryTurn: Comparable, Sendable {
    let priority: Int
    let segment: SegmentID

    static func < (a: DeliveryTurn, b: DeliveryTurn) -> Bool {
        a.priority != b.priority ? a.priority > b.priority : a.segment < b.segment
    }
}

extension FarmMachine {
    // MARK: Queues

    /// Puts a story where it belongs, or nowhere.
    mutating func requeue(_ id: StoryID) {
        guard let story = stories[id] else { return }
        let place: QueuePlace? =
            story.isRunnable && !story.ready.isEmpty
            ? QueuePlace(
                lane: lane(of: story), priority: story.priority, submitter: story.terms.submitter,
                isUrgent: story.isLowestWanted)
            : nil
        if let old = story.place, old != place { lanes[old.lane].remove(id, from: old) }
        if let place {
            let turn = shares[story.priority, default: FairShares()].start(of: story.terms.submitter)
            lanes[place.lane].insert(story, at: place, turn: turn)
        }
        stories[id]!.place = place
    }

    mutating func unqueue(_ id: StoryID) {
        guard let place = stories[id]?.place else { return }
        lanes[place.lane].remove(id, from: place)
        stories[id]!.place = nil
    }

    private mutating func lane(of story: StoryRecord) -> Int {
        laneNumber(laneKey(of: story, floor: story.ready.first.map { story.segment($0).memoryFloor } ?? 0))
    }

    func laneKey(of story: StoryRecord, floor: Int) -> LaneKey {
        LaneKey(
            model: story.terms.model, allowsSimulation: story.terms.allowsSimulation, pin: story.pin,
            memoryFloor: floor)
    }

    private mutating func laneNumber(_ key: LaneKey) -> Int {
        if let number = laneNumbers[key] { return number }
        lanes.append(Lane(key: key))
        laneNumbers[key] = lanes.count - 1
        return lanes.count - 1
    }

    /// Whether a worker may render what waits in a lane: also one of another kind, while there is none of the pinned.
    func serves(_ crew: CrewKey, _ lane: LaneKey) -> Bool {
        guard crew.memoryBytes > lane.memoryFloor else { return false }
        guard let pin = lane.pin else {
            return (lane.allowsSimulation || !crew.isSimulated) && crew.offers.contains { $0.name == lane.model }
        }
        guard crew.isSimulated == pin.isSimulated, crew.encoder == pin.encoder,
            crew.offers.contains(where: { $0.name == lane.model && $0.digest == pin.model })
        else { return false }
        return crew.kind == pin.kind || population[pin.kind, default: 0] == 0
    }

    // MARK: Workers without work

    /// Puts a worker among the idle of its crew, or takes it out.
    mutating func enlist(_ id: WorkerID) {
        guard let worker = workers[id] else { return }
        let crew = crew(of: worker)
        if let old = worker.crew, old != crew { dismiss(id) }
        workers[id]!.crew = crew
        if worker.isIdle { crews[crew].idle.set(id, to: worker.number) } else { crews[crew].idle.remove(id) }
        if worker.mayDeliver {
            crews[crew].deliverers.set(
                id, to: Crew.Room(deliveries: worker.delivering.count, number: worker.number))
        } else {
            crews[crew].deliverers.remove(id)
        }
    }

    mutating func dismiss(_ id: WorkerID) {
        guard let crew = workers[id]?.crew else { return }
        crews[crew].idle.remove(id)
        crews[crew].deliverers.remove(id)
        workers[id]!.crew = nil
    }

    private mutating func crew(of worker: WorkerRecord) -> Int {
        let description = worker.description
        let key = CrewKey(
            offers: worker.offers, kind: description.device.kind, memoryBytes: description.device.memoryBytes,
            encoder: description.encoder, isSimulated: description.isSimulated)
        if let number = crewNumbers[key] { return number }
        crews.append(Crew(key: key))
        crewNumbers[key] = crews.count - 1
        return crews.count - 1
    }

    // MARK: Denoising

    /// Gives an idle worker the segment whose turn it is.
    mutating func employ(_ id: WorkerID) {
        guard let worker = workers[id], worker.isIdle, let crew = worker.crew else { return }
        if let reservation = worker.reservation {
            workers[id]!.reservation = nil
            // Unless somebody else took it meanwhile.
            if let story = stories[reservation], story.isRunnable,
                story.ready.first == story.lowest || story.gap != nil,
                mayTake(id, wanted(of: reservation))
            {
                return grant(wanted(of: reservation), to: id)
            }
        }
        var best: (story: StoryID, rank: Rank)?
        for index in lanes.indices where !lanes[index].isEmpty && serves(crews[crew].key, lanes[index].key) {
            var lane = Lane(key: lanes[index].key)
            swap(&lane, &lanes[index])
            let next = lane.next { mayTake(id, wanted(of: $0)) }
            swap(&lane, &lanes[index])
            if let next, best.map({ next.rank < $0.rank }) ?? true { best = next }
        }
        if let best { grant(wanted(of: best.story), to: id) }
    }

    /// Gives a story's segments to idle workers.
    mutating func place(_ id: StoryID) {
        while let story = stories[id], let place = story.place {
            let segment = wanted(of: id)
            let key = lanes[place.lane].key
            var found: WorkerID?
            for index in crews.indices where !crews[index].idle.isEmpty && serves(crews[index].key, key) {
                var idle = IndexedHeap<WorkerID, Int>()
                swap(&idle, &crews[index].idle)
                found = idle.first(among: FarmLimits.candidates) {
                    workers[$0]?.reservation == nil && mayTake($0, segment)
                }
                swap(&idle, &crews[index].idle)
                if found != nil { break }
            }
            guard let found else { return }
            grant(segment, to: found)
        }
    }

    /// The segment that a queued story's next worker gets.
    private func wanted(of id: StoryID) -> SegmentID {
        SegmentID(story: id, number: UInt32(stories[id]?.ready.first ?? 1))
    }

    /// Whether a segment may go to a worker: not where it failed, while there are other devices.
    func mayTake(_ worker: WorkerID, _ id: SegmentID) -> Bool {
        guard let record = segment(id), let device = workers[worker]?.description.device else { return false }
        guard record.failedOn.contains(device.uuid), let story = stories[id.story] else { return true }
        let key = laneKey(of: story, floor: record.memoryFloor)
        return !workers.values.contains { other in
            guard let crew = other.crew, !other.isDraining, !other.isSetAside, other.closed == nil else { return false }
            return !record.failedOn.contains(other.description.device.uuid) && serves(crews[crew].key, key)
        }
    }

    private mutating func grant(_ id: SegmentID, to worker: WorkerID) {
        guard let story = stories[id.story], let holder = workers[worker] else { return }
        let device = holder.description.device
        pin(id.story, to: holder)
        let record = story.segment(Int(id.number))
        if let writer = record.writer, writer != device.kind { reopen(id, at: record.resumeStep) }
        let lease = nextLease()
        move(id, to: .denoising) {
            $0.holding = .init(lease: lease, worker: worker, phase: .denoising)
            $0.writer = device.kind
            $0.wantsHeadStart = false
        }
        if story.state == .queued { changeStory(id.story) { $0.state = .rendering } }
        workers[worker]!.denoising = id
        workers[worker]!.unsent.insert(lease)
        workers[worker]!.recalled = nil
        workers[worker]!.watch = .init(
            step: record.resumeStep, since: now, activity: .loading, began: now)
        setAlarm(.hang(worker), at: now + FarmLimits.hang)
        take(story, cost: story.terms.segmentTime)
        let attempt = AttemptID(segment: id, lease: lease, generation: segment(id)!.generation)
        act(.admit(id, attempt))
        act(
            .grant(
                worker,
                Grant(
                    attempt: attempt, phase: .denoising, source: source(of: id),
                    checkpoint: segment(id)!.checkpoints.last, latents: nil)))
        touch(id)
        enlist(worker)
        requeue(id.story)
    }

    private func source(of id: SegmentID) -> StreamID? {
        guard id.number > 1, let story = stories[id.story], story.terms.handoff != .none else { return nil }
        let before = SegmentID(story: id.story, number: id.number - 1)
        return StreamID(segment: before, generation: story.segment(Int(before.number)).generation)
    }

    private mutating func pin(_ id: StoryID, to worker: WorkerRecord) {
        guard let story = stories[id] else { return }
        let description = worker.description
        if let pin = story.pin {
            guard pin.kind != description.device.kind else { return }
            changeStory(id) { $0.pin!.kind = description.device.kind }
        } else if let offer = worker.offers.first(where: { $0.name == story.terms.model }) {
            changeStory(id) {
                $0.pin = Pin(
                    model: offer.digest, kind: description.device.kind, encoder: description.encoder,
                    isSimulated: description.isSimulated)
            }
        }
    }

    mutating func nextLease() -> Lease {
        leases += 1
        return Lease(epoch: epoch, number: leases)
    }

    // MARK: Shares

    private mutating func take(_ story: StoryRecord, cost: Duration) {
        shares[story.priority, default: FairShares()].take(story.terms.submitter, cost: cost)
        turn(of: story)
    }

    /// A turn took another time than was expected.
    mutating func correctShare(_ story: StoryRecord, by difference: Duration) {
        shares[story.priority, default: FairShares()].correct(story.terms.submitter, by: difference)
        turn(of: story)
    }

    private mutating func turn(of story: StoryRecord) {
        let submitter = story.terms.submitter
        let start = shares[story.priority, default: FairShares()].start(of: submitter)
        for index in lanes.indices { lanes[index].move(submitter, priority: story.priority, turn: start) }
    }

    // MARK: Delivering

    /// A denoised segment wants to be decoded and encoded, best by whom has its latents.
    mutating func wantDelivery(_ id: SegmentID, by preferred: WorkerID?) {
        guard let story = stories[id.story], story.pin != nil, let record = segment(id) else { return }
        let lane = laneNumber(laneKey(of: story, floor: record.memoryFloor))
        deliveries[lane, default: .init()].set(id, to: DeliveryTurn(priority: story.priority, segment: id))
        touchedDeliveries.append((id, lane, preferred))
    }

    /// Gives what waits for delivery to whom there is.
    mutating func placeDeliveries() {
        let waiting = touchedDeliveries
        touchedDeliveries = []
        for (id, lane, preferred) in waiting where deliveries[lane]?.contains(id) == true {
            var found: WorkerID?
            if let preferred, let worker = workers[preferred], worker.mayDeliver, let crew = worker.crew,
                serves(crews[crew].key, lanes[lane].key), mayTake(preferred, id)
            {
                found = preferred
            }
            for index in crews.indices where found == nil && serves(crews[index].key, lanes[lane].key) {
                var deliverers = IndexedHeap<WorkerID, Crew.Room>()
                swap(&deliverers, &crews[index].deliverers)
                found = deliverers.first(among: FarmLimits.candidates) { mayTake($0, id) }
                swap(&deliverers, &crews[index].deliverers)
            }
            guard let found else { continue }
            deliveries[lane]!.remove(id)
            grantDelivery(id, to: found)
        }
    }

    mutating func unwantDelivery(_ id: SegmentID) {
        for lane in Array(deliveries.keys) { deliveries[lane]!.remove(id) }
    }

    mutating func employForDelivery(_ id: WorkerID) {
        while let worker = workers[id], worker.mayDeliver, let crew = worker.crew {
            var best: (lane: Int, turn: DeliveryTurn)?
            for lane in Array(deliveries.keys) where serves(crews[crew].key, lanes[lane].key) {
                var queue = IndexedHeap<SegmentID, DeliveryTurn>()
                swap(&queue, &deliveries[lane]!)
                let next = queue.first(among: FarmLimits.candidates) { mayTake(id, $0) }
                if let turn = next.flatMap({ queue.key(of: $0) }), best.map({ turn < $0.turn }) ?? true {
                    best = (lane, turn)
                }
                swap(&queue, &deliveries[lane]!)
            }
            guard let best else { return }
            deliveries[best.lane]!.remove(best.turn.segment)
            grantDelivery(best.turn.segment, to: id)
        }
    }

    private mutating func grantDelivery(_ id: SegmentID, to worker: WorkerID) {
        guard let record = segment(id), let latents = record.latents else { return }
        let lease = nextLease()
        move(id, to: .delivering) { $0.holding = .init(lease: lease, worker: worker, phase: .delivering) }
        workers[worker]!.delivering.append(id)
        workers[worker]!.unsent.insert(lease)
        let attempt = AttemptID(segment: id, lease: lease, generation: record.generation)
        act(
            .grant(
                worker,
                Grant(attempt: attempt, phase: .delivering, source: nil, checkpoint: nil, latents: latents.file)))
        enlist(worker)
    }
}
