/// A device that was set aside, on its way back.
public struct DeviceProbe: Hashable, Sendable {
    /// Probes that it failed, and times that it was trusted again for want of anything to compare it with.
    public internal(set) var attempts = 0
    /// When it is looked at again.
    public internal(set) var next: Moment
    /// What it renders now; nil while it waits.
    public internal(set) var running: Running?

    public struct Running: Hashable, Sendable {
        public let worker: WorkerID
        public let number: UInt64
        /// Of the latents that are to come.
        let expected: Digest
    }
}

extension FarmMachine {
    // MARK: Devices that were set aside

    /// The pause before the next probe doubles with each that was in vain.
    mutating func scheduleProbe(of device: String) {
        let attempts = probes[device]?.attempts ?? 0
        let pause = min(FarmLimits.probePause * (1 << min(attempts, 16)), FarmLimits.probePauseMax)
        planProbe(of: device, at: now + pause)
    }

    /// A new process may be somebody's repair.
    mutating func probeNow(_ device: String) {
        guard devices[device]?.isSetAside == true, probes[device]?.running == nil else { return }
        planProbe(of: device, at: now)
    }

    private mutating func planProbe(of device: String, at time: Moment) {
        probes[device, default: DeviceProbe(next: time)].next = time
        setAlarm(.probe(device), at: time)
    }

    /// Has a set-aside device render what is known, or counts that it has not answered.
    mutating func probe(_ device: String) {
        guard devices[device]?.isSetAside == true else { return }
        if probes[device]?.running != nil { return failProbe(of: device) }
        let candidates = workers.values.filter { $0.description.device.uuid == device && $0.mayBeProbed }
        guard let worker = candidates.min(by: { $0.number < $1.number }) else { return scheduleProbe(of: device) }
        guard let sample = sample(for: worker) else {
            // Nothing of its kind was ever finished: that it failed says little of this one device.
            probes[device]?.attempts += 1
            return readmit(device)
        }
        probesEver += 1
        planProbe(of: device, at: now + FarmLimits.probeAnswer)
        probes[device]?.running = .init(worker: worker.id, number: probesEver, expected: sample.digest)
        act(.probe(worker.id, number: probesEver, sample.segment))
    }

    mutating func judgeProbe(_ id: WorkerID, _ number: UInt64, _ digest: Digest?) {
        guard let device = workers[id]?.description.device.uuid, let running = probes[device]?.running,
            running.worker == id, running.number == number
        else { return }
        guard digest == running.expected else { return failProbe(of: device) }
        probes[device] = nil
        readmit(device)
    }

    /// The worker that was to render a probe is gone.
    mutating func giveUpProbe(by id: WorkerID, of device: String) {
        if probes[device]?.running?.worker == id { failProbe(of: device) }
    }

    private mutating func failProbe(of device: String) {
        probes[device]?.running = nil
        probes[device]?.attempts += 1
        notice(.probeFailed(device))
        scheduleProbe(of: device)
    }

    /// A finished segment that a device must render to the same latents: the first of a story, which reads of no other,
    /// made from its first step on by the same kind of device.
    private func sample(for worker: WorkerRecord) -> (segment: SegmentID, digest: Digest)? {
        let (device, isSimulated) = (worker.description.device, worker.description.isSimulated)
        let known = stories.values.filter { story in
            guard let pin = story.pin, pin.kind == device.kind, pin.isSimulated == isSimulated,
                let first = story.touched.first
            else { return false }
            return first.isDenoised && first.latents != nil && first.writer == device.kind
                && first.generations.count == 1 && first.memoryFloor < device.memoryBytes
                && worker.offers.contains(ModelOffer(name: story.terms.model, digest: pin.model))
        }
        // The shortest will do.
        let best = known.min { ($0.terms.segmentTime, $0.id) < ($1.terms.segmentTime, $1.id) }
        guard let best, let latents = best.touched[0].latents else { return nil }
        return (SegmentID(story: best.id, number: 1), latents.file.digest)
    }

    /// A set-aside device is trusted again.
    private mutating func readmit(_ device: String) {
        clearAlarm(.probe(device))
        devices[device] = nil
        outcome.changes.append(.device(device, nil))
        notice(.deviceReadmitted(device))
        let ours = workers.values.filter { $0.description.device.uuid == device }
        for worker in ours.sorted(by: { $0.number < $1.number }) {
            workers[worker.id]!.isSetAside = false
            touchedWorkers.append(worker.id)
        }
    }
}
