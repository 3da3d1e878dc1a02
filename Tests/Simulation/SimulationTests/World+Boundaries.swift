import Farm
import Storage

extension World {
    // MARK: Boundary streams

    func append(_ attempt: AttemptID, _ step: Int, _ boundary: Boundary, from worker: WorkerID) {
        switch exchange.admission(of: attempt, step: step, checksum: boundary.checksum) {
        case .write:
            guard write(boundary, step, of: exchange.stream(of: attempt.segment, at: step)) else { return }
            let deliveries = exchange.stored(attempt, step: step, checksum: boundary.checksum)
            send(.stored(attempt.segment, step: step), to: worker)
            deliver(.records(deliveries))
            tell(.reached(attempt.stream, head: step + 1))
        case .duplicate:
            count("record written again")
            send(.stored(attempt.segment, step: step), to: worker)
        case .stale: count("boundary of a dead attempt discarded")
        case .conflict:
            if mutant == .overwritesRecords { overwrite(boundary, step, of: attempt.stream) }
            tell(.conflicted(attempt.stream, step: step))
        case .gap(let expected):
            count("record out of order")
            send(.wanted(attempt.segment, from: expected), to: worker)
        }
    }

    /// Whether it is in the log. For what there is no room nobody gets an answer: its writer says it again.
    private func write(_ boundary: Boundary, _ step: Int, of stream: StreamID) -> Bool {
        do {
            let outcome = try boundary.bytes.withUnsafeBytes {
                try head.log.append($0, checksum: boundary.checksum, step: UInt32(step), to: stream)
            }
            guard case .stored(let entry) = outcome else {
                oracle.fail("the log has record \(step) of \(stream) that the exchange does not know")
                return false
            }
            oracle.written(stream, step, entry.checksum)
            return true
        } catch let error as StorageError where error.isDiskFull {
            count("boundary refused on a full disk")
        } catch {
            oracle.fail("not appended: \(error)")
        }
        return false
    }

    func open(_ stream: StreamID, from step: Int) {
        count("generation replaced")
        guard let reader = exchange.open(stream, from: step) else { return }
        count("reader superseded")
        if let holder = farm?.segment(reader.segment)?.holding?.worker { send(.superseded(reader), to: holder) }
    }

    func deliver(_ reading: BoundaryExchange.Reading) {
        guard case .records(let deliveries) = reading else { return count("reading refused") }
        for delivery in deliveries {
            guard let holder = farm?.segment(delivery.reader.segment)?.holding?.worker else { continue }
            do {
                guard var boundary = try head.boundary(of: delivery.stream, at: delivery.step),
                    boundary.checksum == delivery.checksum
                else {
                    oracle.fail("the log has not the record \(delivery.step) of \(delivery.stream)")
                    continue
                }
                if mutant == .mixesRecordsUp, delivery.step == 1 { boundary = Boundary(value: boundary.value ^ 1) }
                send(.record(delivery.reader, delivery.stream, step: delivery.step, boundary), to: holder)
            } catch {
                oracle.fail("not read: \(error)")
            }
        }
    }

    /// What ``Mutant/overwritesRecords`` does: the log itself refuses, so its file is written anew.
    private func overwrite(_ boundary: Boundary, _ step: Int, of stream: StreamID) {
        guard let entries = try? head.log.entries(of: stream.segment) else { return }
        let boundaries = entries.compactMap { entry in
            try? head.boundary(of: StreamID(segment: stream.segment, generation: entry.generation), at: Int(entry.step))
        }
        guard boundaries.count == entries.count, (try? head.log.remove(stream.segment)) != nil else { return }
        for (entry, old) in zip(entries, boundaries) {
            let isOverwritten = entry.generation == stream.generation && Int(entry.step) == step
            _ = write(
                isOverwritten ? boundary : old, Int(entry.step),
                of: StreamID(segment: stream.segment, generation: entry.generation))
        }
    }
}
