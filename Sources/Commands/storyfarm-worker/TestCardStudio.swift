import Farm
import Media
import Safetensors
import Torch
import Transport
import Wire

/// Draws a test card on one side of an encrypted connection and encodes it on the other, as worker and coordinator do
/// with boundaries: a header in protobuf, the pixels as one raw frame behind it, a checksum over them.
struct TestCardStudio {
    /// What one segment left behind.
    struct Rendered {
        /// The segment's MP4.
        let file: String
        /// A few of its frames.
        let stills: [RGBFrame]
    }

    let card: TestCard
    let segments: Int
    let framesPerSegment: Int
    /// For the segments' files.
    let folder: String

    private static let domain = "test-card"
    private static let stillsPerSegment = 6
    private static let stillWidth = 192

    func render(at rate: FrameRate) async throws -> [Rendered] {
        let context = try Context()
        let (server, client) = (try CurveKeyPair.generate(), try CurveKeyPair.generate())
        var allowList = AllowList()
        allowList.admit(client.publicKey, as: "painter", to: Self.domain)
        let authenticator = try Authenticator(in: context, allowing: allowList)
        let thread = try SocketThread(in: context)
        let receiving = try thread.bind(
            .router, to: "tcp://127.0.0.1:*", .bulk(.curveServer(server, domain: Self.domain)))
        let sending = try thread.connect(
            .dealer, to: receiving.endpoint, .bulk(.curveClient(client, server: server.publicKey)))
        // Whichever side fails first ends the other, which would wait for it for ever.
        let rendered = try await withThrowingTaskGroup(of: [Rendered].self) { group in
            group.addTask {
                try await draw(to: sending)
                return []
            }
            group.addTask { try await encode(from: receiving, at: rate) }
            do {
                return try await group.reduce(into: []) { $0 += $1 }
            } catch {
                // A link that ends because of it is not what went wrong.
                try Task.checkCancellation()
                throw error
            }
        }
        await sending.close()
        await receiving.close()
        await authenticator.close()
        return rendered
    }

    // MARK: The drawing side

    private func draw(to link: Link) async throws {
        for segment in 1...segments {
            let file = try drawSegment(segment)
            let entry = try file.entry("frames")
            let bytes = file.bytes(of: entry)
            let size = bytes.count / framesPerSegment
            for step in 0..<framesPerSegment {
                let pixels = UnsafeRawBufferPointer(rebasing: bytes[(step * size)..<((step + 1) * size)])
                let header = Message.boundaryAppend(
                    .init(
                        attempt: attempt(at: segment), step: step, bytes: size, checksum: Checksum.of(pixels)))
                // The pixels go from the page cache to the socket: the mapping is the frame's owner.
                try await link.send(
                    Multipart([
                        Frame(try header.encoded()), Frame(unsafelyBorrowing: pixels, from: file.mapping),
                    ]))
            }
        }
    }

    /// Draws a segment's frames into a safetensors file: `frames`, uint8 `[F, H, W, 3]`.
    private func drawSegment(_ segment: Int) throws -> SafetensorsFile {
        var frames: [Tensor] = []
        for index in 0..<framesPerSegment {
            try Task.checkCancellation()
            let picture = try card.frame((segment - 1) * framesPerSegment + index)
            frames.append(try (picture * 255).rounded().converted(to: .uint8).permuted([1, 2, 0]))
        }
        let path = "\(folder)/\(segment).safetensors"
        try Tensor.save(["frames": Tensor.stacked(frames, dimension: 0)], to: path)
        return try SafetensorsFile(path: path)
    }

    private func attempt(at segment: Int) -> AttemptID {
        AttemptID(
            segment: SegmentID(story: StoryID(rawValue: 1), number: UInt32(segment)),
            lease: Lease(epoch: 1, number: UInt64(segment)), generation: Generation(rawValue: 1))
    }

    // MARK: The encoding side

    /// On the main actor because encoding blocks: its queue is not served by the threads that other tasks share.
    @MainActor
    private func encode(from link: Link, at rate: FrameRate) async throws -> [Rendered] {
        var messages = link.messages.makeAsyncIterator()
        let settings = VideoSettings(size: PixelSize(width: card.width, height: card.height), frameRate: rate)
        var rendered: [Rendered] = []
        for segment in 1...segments {
            let file = "\(folder)/\(segment).mp4"
            var encoder = try VideoEncoder(to: file, settings: settings)
            var stills: [RGBFrame] = []
            for step in 0..<framesPerSegment {
                guard let message = await messages.next() else { throw Failure("the connection was closed") }
                let frame = try picture(in: message, of: segment, at: step)
                try encoder.append(frame)
                if step * Self.stillsPerSegment / framesPerSegment == stills.count {
                    stills.append(try frame.scaled(toWidth: min(frame.width, Self.stillWidth)))
                }
            }
            try encoder.finish()
            rendered.append(Rendered(file: file, stills: stills))
        }
        return rendered
    }

    private func picture(in message: Multipart, of segment: Int, at step: Int) throws -> RGBFrame {
        guard let head = message.frames.first,
            case .boundaryAppend(let header) = try Message(decoding: head.bytes),
            message.frames.count == 2, message.frames[1].count == header.bytes,
            header.attempt == attempt(at: segment), header.step == step
        else { throw Failure("segment \(segment), frame \(step): another message arrived") }
        return try message.frames[1].withUnsafeBytes { pixels in
            guard Checksum.of(pixels) == header.checksum else {
                throw Failure("segment \(segment), frame \(step): its bytes were changed on the way")
            }
            return RGBFrame(width: card.width, height: card.height, pixels: Array(pixels))
        }
    }
}
