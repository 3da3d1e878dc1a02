import CAVFormat
import DurableFile

/// Writes one H.264 track, its chapters and metadata as an MP4 with the index in front (`faststart`).
///
/// Frame `k` lies at exactly `k`/fps. The file appears under its name at ``finish()``. Not `Sendable`: one thread.
final class MP4Writer {
    private let file: PartialFile
    private let frameRate: FrameRate
    private let context: UnsafeMutablePointer<AVFormatContext>
    private let stream: UnsafeMutablePointer<AVStream>
    private var frameCount = 0

    /// - Parameter parameters: fills in the track's codec parameters and returns libav's status.
    init(
        to target: String, frameRate: FrameRate, metadata: VideoMetadata, chapters: [VideoChapter],
        parameters: (UnsafeMutablePointer<AVCodecParameters>) -> Int32
    ) throws(MediaError) {
        LibraryLog.install()
        file = PartialFile(for: target)
        self.frameRate = frameRate
        var output: UnsafeMutablePointer<AVFormatContext>?
        // "file:" because libav would take what stands before a colon in a path for a protocol.
        try check(avformat_alloc_output_context2(&output, nil, "mp4", "file:\(file.path)"), .write, target)
        guard let output else { throw .outOfMemory(.write, target) }
        guard let stream = avformat_new_stream(output, nil) else {
            avformat_free_context(output)
            throw .outOfMemory(.write, target)
        }
        context = output
        self.stream = stream
        try check(parameters(stream.pointee.codecpar), .write, target)
        // The tag of another container may not be known to this one; 0 lets the muxer choose its own.
        stream.pointee.codecpar.pointee.codec_tag = 0
        stream.pointee.time_base = frameRate.timeBase
        stream.pointee.avg_frame_rate = frameRate.rational
        try describe(metadata)
        for (index, chapter) in chapters.enumerated() { try add(chapter, id: index) }
        try check(avio_open(&output.pointee.pb, output.pointee.url, AVIO_FLAG_WRITE), .write, target)
        try writeHeader(chapters)
    }

    deinit {
        if context.pointee.pb != nil { avio_closep(&context.pointee.pb) }
        avformat_free_context(context)
    }

    private func describe(_ metadata: VideoMetadata) throws(MediaError) {
        // No muxer version in the file: two builds that encode alike write alike.
        context.pointee.flags |= AVFMT_FLAG_BITEXACT
        for (key, value) in [("title", metadata.title), ("comment", metadata.comment)] {
            guard let value else { continue }
            try check(av_dict_set(&context.pointee.metadata, key, value, 0), .write, file.target)
        }
    }

    private func add(_ chapter: VideoChapter, id: Int) throws(MediaError) {
        let bytes = chapter.title.utf8.count
        guard bytes <= VideoChapter.titleBytesMax else {
            throw MediaError(
                .write, file.target, .chapterTitleTooLong(bytes: bytes, bytesMax: VideoChapter.titleBytesMax))
        }
        try check(
            cav_add_chapter(
                context, Int64(id), frameRate.timeBase, Int64(chapter.frames.lowerBound),
                Int64(chapter.frames.upperBound), chapter.title),
            .write, file.target)
    }

    private func writeHeader(_ chapters: [VideoChapter]) throws(MediaError) {
        var flags = "+faststart"
        // Chapters are written twice: as a text track, and in Nero's `chpl`, which holds 255 titles of 255 bytes and
        // would cut the rest, inside a character if need be. Rather none of the latter than a wrong one.
        if chapters.count > 255 || chapters.contains(where: { $0.title.utf8.count > 255 }) { flags += "+disable_chpl" }
        var options: OpaquePointer?
        defer { av_dict_free(&options) }
        let settings = [
            ("movflags", flags),
            ("video_track_timescale", "\(frameRate.timescale)"),
            ("movie_timescale", "\(frameRate.timescale)"),
            // Frames start at 0 and are never reordered, so there is nothing an edit list could correct.
            ("use_editlist", "0"),
        ]
        for (key, value) in settings { try check(av_dict_set(&options, key, value, 0), .write, file.target) }
        try check(avformat_write_header(context, &options), .write, file.target)
    }

    /// Writes the next frame; the packet's own timestamps are replaced, its bytes are not touched.
    func append(_ packet: Packet) throws(MediaError) {
        packet.pointer.pointee.stream_index = stream.pointee.index
        packet.pointer.pointee.pts = Int64(frameCount)
        packet.pointer.pointee.dts = Int64(frameCount)
        packet.pointer.pointee.duration = 1
        packet.pointer.pointee.pos = -1
        av_packet_rescale_ts(packet.pointer, frameRate.timeBase, stream.pointee.time_base)
        try check(av_write_frame(context, packet.pointer), .write, file.target)
        frameCount += 1
    }

    /// Moves the index to the front, makes the file durable and gives it its name.
    func finish() throws(MediaError) {
        try check(av_write_trailer(context), .write, file.target)
        // Closing flushes; a full disk may show only here.
        try check(avio_closep(&context.pointee.pb), .write, file.target)
        do throws(FileError) {
            try file.commit()
        } catch {
            throw MediaError(.write, error.path, .system(errno: error.code))
        }
    }
}
