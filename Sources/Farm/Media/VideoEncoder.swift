import CAVFormat

/// How a segment is encoded; every segment of one story needs the same, or they cannot be joined without re-encoding.
public struct VideoSettings: Hashable, Sendable {
    /// x264's trade of time for size, by its names.
    public enum Preset: String, Hashable, Sendable, CaseIterable {
        case ultrafast
        case superfast
        case veryfast
        case faster
        case fast
        case medium
        case slow
        case slower
        case veryslow
    }

    /// In pixels; both sides must be even.
    public let size: PixelSize
    /// The same for every segment of a story.
    public let frameRate: FrameRate
    /// Constant rate factor, x264's measure of quality: 18 is hardly visible, 51 the worst.
    ///
    /// 0 would be lossless, which the High profile, the one that every player knows, does not have.
    public let constantRateFactor: Int
    /// Slower ones make smaller files of the same quality.
    public let preset: Preset

    /// - Precondition: `constantRateFactor` is in 1…51.
    public init(size: PixelSize, frameRate: FrameRate, constantRateFactor: Int = 18, preset: Preset = .medium) {
        precondition(1...51 ~= constantRateFactor, "a constant rate factor of \(constantRateFactor)")
        self.size = size
        self.frameRate = frameRate
        self.constantRateFactor = constantRateFactor
        self.preset = preset
    }
}

/// Encodes RGB frames as one H.264 segment in an MP4.
///
/// The same frames and settings give the same bytes on every machine with the same libx264. Nothing appears under the
/// target's name before ``finish()``. Calls block on computation and disk: keep them off the cooperative thread pool.
public struct VideoEncoder: ~Copyable {
    /// As given; they do not change during a segment.
    public let settings: VideoSettings
    /// Frames taken so far.
    public private(set) var frameCount = 0
    private let path: String
    private let codec: H264Encoder
    private let writer: MP4Writer
    private let converter: PixelConverter
    private let rgb: Picture
    private let yuv: Picture
    private let packet: Packet

    /// - Parameter path: the MP4 to write; an earlier file of that name stays until ``finish()``.
    /// - Throws: ``MediaError`` if a side is odd, libx264 is missing or the file cannot be created.
    public init(
        to path: String, settings: VideoSettings, metadata: VideoMetadata = VideoMetadata()
    ) throws(MediaError) {
        try self.init(to: path, settings: settings, metadata: metadata, encoderName: MediaLibrary.encoderName)
    }

    init(
        to path: String, settings: VideoSettings, metadata: VideoMetadata, encoderName: String
    ) throws(MediaError) {
        let size = settings.size
        guard size.width % 2 == 0, size.height % 2 == 0 else { throw MediaError(.encode, path, .oddSize(size)) }
        // Swift takes a noncopyable value's properties only all at once where making one of them may throw.
        let codec = try H264Encoder(named: encoderName, settings, path)
        let converter = try PixelConverter(
            from: .rgb(size), to: .init(size: size, format: AV_PIX_FMT_YUV420P, coding: .bt709))
        let rgb = try Picture(size, AV_PIX_FMT_RGB24)
        let yuv = try Picture(size, AV_PIX_FMT_YUV420P)
        let packet = try Packet()
        let writer = try MP4Writer(to: path, frameRate: settings.frameRate, metadata: metadata, chapters: []) {
            codec.copyParameters(to: $0)
        }
        self.settings = settings
        self.path = path
        self.codec = codec
        self.converter = converter
        self.rgb = rgb
        self.yuv = yuv
        self.packet = packet
        self.writer = writer
    }

    /// Encodes the next frame, shown at ``frameCount``/fps.
    ///
    /// - Throws: ``MediaError``, for one if the frame has another size than the video; the encoder stays usable then.
    public mutating func append(_ frame: RGBFrame) throws(MediaError) {
        guard frame.size == settings.size else {
            throw MediaError(.encode, path, .wrongFrameSize(expected: settings.size, found: frame.size))
        }
        try rgb.load(frame)
        try converter.convert(rgb, into: yuv)
        yuv.pointer.pointee.pts = Int64(frameCount)
        try codec.send(yuv)
        frameCount += 1
        try writeReadyPackets()
    }

    /// Encodes what is pending, completes the file, makes it durable and gives it its name.
    ///
    /// - Throws: ``MediaError``, for one if there was no frame; the file is gone then.
    public consuming func finish() throws(MediaError) {
        guard frameCount > 0 else { throw MediaError(.encode, path, .noFrames) }
        try codec.send(nil)
        try writeReadyPackets()
        try writer.finish()
    }

    private func writeReadyPackets() throws(MediaError) {
        while try codec.receive(packet) { try writer.append(packet) }
    }
}
