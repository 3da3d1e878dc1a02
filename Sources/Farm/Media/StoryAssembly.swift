import CAVFormat

/// Joins encoded segments to one MP4 by copying their packets: nothing is decoded, nothing loses quality.
///
/// Written again as further segments are finished, it keeps the finished prefix of a story playable: every write
/// replaces the file as a whole. A write costs time and disk in proportion to the prefix.
public struct StoryAssembly: Hashable, Sendable {
    /// One segment's MP4, as ``VideoEncoder`` wrote it, and the name of its chapter.
    public struct Segment: Hashable, Sendable {
        /// The path of the segment's MP4.
        public var file: String
        /// At most ``VideoChapter/titleBytesMax`` bytes; usually the segment's prompts.
        public var title: String

        /// Opens nothing yet; the file is read by ``StoryAssembly/write(to:)``.
        public init(file: String, title: String) {
            self.file = file
            self.title = title
        }
    }

    /// In story order.
    public var segments: [Segment]
    /// Of the whole story; what the segments say about themselves is not taken over.
    public var metadata: VideoMetadata
    /// How many frames each segment must have, where that is known.
    public var framesPerSegment: Int?

    /// Opens nothing yet; the segments are checked by ``write(to:)``.
    public init(segments: [Segment], metadata: VideoMetadata = VideoMetadata(), framesPerSegment: Int? = nil) {
        self.segments = segments
        self.metadata = metadata
        self.framesPerSegment = framesPerSegment
    }

    /// Writes the story to `path`: frame `k` of the whole lies at exactly `k`/fps, with one chapter per segment.
    ///
    /// All segments are checked before the first byte is written; an earlier file at `path` stays until the new one is
    /// complete and durable. Blocks on the disk: keep it off the cooperative thread pool.
    ///
    /// - Returns: the number of frames written.
    /// - Throws: ``MediaError`` naming the segment's file and what differs, such as other SPS/PPS, size or frame rate.
    @discardableResult
    public func write(to path: String) throws(MediaError) -> Int {
        guard let first = segments.first else { throw MediaError(.write, path, .noSegments) }
        let opened = try Demuxer(first.file)
        let reference = try VideoInformation(opened)
        let chapters = try checkedChapters(against: reference)
        let writer = try MP4Writer(
            to: path, frameRate: reference.frameRate, metadata: metadata, chapters: chapters
        ) { parameters in
            opened.withStream { avcodec_parameters_copy(parameters, $0.pointee.codecpar) }
        }
        for (segment, chapter) in zip(segments, chapters) {
            try copy(segment.file, frames: chapter.frames.count, like: reference, to: writer)
        }
        try writer.finish()
        return chapters.last?.frames.upperBound ?? 0
    }

    /// The first pass over all files: they must be alike, and chapters need every length before the first packet.
    private func checkedChapters(against reference: VideoInformation) throws(MediaError) -> [VideoChapter] {
        var chapters: [VideoChapter] = []
        for segment in segments {
            let information = try VideoInformation(of: segment.file)
            try requireAlike(information, reference, segment.file)
            let start = chapters.last?.frames.upperBound ?? 0
            chapters.append(VideoChapter(title: segment.title, frames: start..<start + information.frameCount))
        }
        return chapters
    }

    private func requireAlike(
        _ found: VideoInformation, _ expected: VideoInformation, _ file: String
    ) throws(MediaError) {
        // Coarse properties first: a person understands "size" sooner than the SPS that carries it.
        let properties: [(name: String, found: String, expected: String)] = [
            ("codec", found.codec, "h264"),
            ("size", "\(found.size)", "\(expected.size)"),
            ("pixel format", found.pixelFormat ?? "unknown", expected.pixelFormat ?? "unknown"),
            ("frame rate", "\(found.frameRate)", "\(expected.frameRate)"),
            ("timescale", "\(found.timescale)", "\(expected.timescale)"),
            ("SPS/PPS", found.parameterSets.hexadecimal, expected.parameterSets.hexadecimal),
            ("number of frames", "\(found.frameCount)", "\(framesPerSegment ?? found.frameCount)"),
        ]
        for property in properties where property.found != property.expected {
            throw MediaError(
                .read, file,
                .mismatch(property: property.name, expected: property.expected, found: property.found))
        }
        guard found.frameCount > 0 else { throw MediaError(.read, file, .noFrames) }
    }

    private func copy(
        _ file: String, frames: Int, like reference: VideoInformation, to writer: MP4Writer
    ) throws(MediaError) {
        let input = try Demuxer(file)
        // Again, on the open file: it may have been replaced since it was counted.
        try requireAlike(VideoInformation(input), reference, file)
        let timeBase = input.withStream { $0.pointee.time_base }
        let packet = try Packet()
        var index = 0
        while try input.read(into: packet) {
            try requireFits(packet.pointer.pointee, index, timeBase, reference.frameRate, file)
            try writer.append(packet)
            index += 1
        }
        guard index == frames else { throw MediaError(.read, file, .truncated(announced: frames, found: index)) }
    }

    private func requireFits(
        _ packet: AVPacket, _ index: Int, _ timeBase: AVRational, _ frameRate: FrameRate, _ file: String
    ) throws(MediaError) {
        // libav hands out what is left of a packet that the file's end cuts, flagged.
        guard packet.flags & AV_PKT_FLAG_CORRUPT == 0 else {
            throw MediaError(.read, file, .truncated(announced: index + 1, found: index))
        }
        guard index > 0 || packet.flags & AV_PKT_FLAG_KEY != 0 else {
            throw MediaError(.read, file, .startsWithoutKeyframe)
        }
        guard packet.dts == packet.pts, av_compare_ts(packet.pts, timeBase, Int64(index), frameRate.timeBase) == 0
        else { throw MediaError(.read, file, .unevenTiming(index: index)) }
    }
}

extension [UInt8] {
    fileprivate var hexadecimal: String {
        map { ($0 < 16 ? "0" : "") + String($0, radix: 16) }.joined()
    }
}
