import CAVFormat

/// What an MP4 says about its video, read without decoding it.
public struct VideoInformation: Hashable, Sendable {
    /// libav's name: `h264`.
    public let codec: String
    /// In pixels, as encoded.
    public let size: PixelSize
    /// libav's name: `yuv420p`; nil where the first frame could not be decoded.
    public let pixelFormat: String?
    /// The average over the file, exact where the rate is constant.
    public let frameRate: FrameRate
    /// Ticks per second of the track.
    public let timescale: Int
    /// As the index announces it; a file that is cut short holds fewer.
    public let frameCount: Int
    /// In seconds.
    public let duration: Double
    /// The decoder's configuration, with H.264's SPS and PPS; segments can be joined only if it is the same.
    public let parameterSets: [UInt8]
    /// Title and comment of the whole file.
    public let metadata: VideoMetadata
    /// In the file's order; borders between two frames are rounded to the nearest.
    public let chapters: [VideoChapter]

    /// Reads the file at `path`. Blocks on the disk: keep it off the cooperative thread pool.
    ///
    /// - Throws: ``MediaError`` if it is no MP4, or one without a video.
    public init(of path: String) throws(MediaError) { try self.init(Demuxer(path)) }

    init(_ input: Demuxer) throws(MediaError) {
        self = try input.withStream { (stream) throws(MediaError) in
            let parameters = stream.pointee.codecpar.pointee
            guard let frameRate = FrameRate(stream.pointee.avg_frame_rate) else {
                throw MediaError(.open, input.path, .noFrames)
            }
            return VideoInformation(stream.pointee, parameters, frameRate, input)
        }
    }

    private init(_ stream: AVStream, _ parameters: AVCodecParameters, _ frameRate: FrameRate, _ input: Demuxer) {
        codec = String(cString: avcodec_get_name(parameters.codec_id))
        size = PixelSize(width: Int(parameters.width), height: Int(parameters.height))
        pixelFormat = av_get_pix_fmt_name(AVPixelFormat(rawValue: parameters.format)).map { String(cString: $0) }
        self.frameRate = frameRate
        timescale = Int(stream.time_base.den)
        frameCount = Int(stream.nb_frames)
        duration = Double(stream.duration) * av_q2d(stream.time_base)
        parameterSets = [UInt8](UnsafeBufferPointer(start: parameters.extradata, count: Int(parameters.extradata_size)))
        (metadata, chapters) = input.withContext { context in
            let metadata = VideoMetadata(
                title: VideoInformation.text("title", in: context.pointee.metadata),
                comment: VideoInformation.text("comment", in: context.pointee.metadata))
            return (metadata, VideoInformation.chapters(of: context, frameRate))
        }
    }

    private static func chapters(
        of context: UnsafeMutablePointer<AVFormatContext>, _ frameRate: FrameRate
    ) -> [VideoChapter] {
        (0..<Int(context.pointee.nb_chapters)).compactMap { index in
            guard let chapter = context.pointee.chapters[index]?.pointee else { return nil }
            let start = av_rescale_q(chapter.start, chapter.time_base, frameRate.timeBase)
            let end = av_rescale_q(chapter.end, chapter.time_base, frameRate.timeBase)
            guard start <= end else { return nil }
            return VideoChapter(title: text("title", in: chapter.metadata) ?? "", frames: Int(start)..<Int(end))
        }
    }

    private static func text(_ key: String, in dictionary: OpaquePointer?) -> String? {
        av_dict_get(dictionary, key, nil, 0).map { String(cString: $0.pointee.value) }
    }
}
