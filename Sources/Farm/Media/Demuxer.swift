import CAVFormat

/// Reads the packets of an MP4's first video track. Not `Sendable`: one thread.
final class Demuxer {
    let path: String
    private let context: UnsafeMutablePointer<AVFormatContext>
    private let streamIndex: Int

    init(_ path: String) throws(MediaError) {
        LibraryLog.install()
        self.path = path
        var input: UnsafeMutablePointer<AVFormatContext>?
        // Only MP4, by name: libav's guessing would accept playlists too, whose content makes it open other files.
        guard let format = av_find_input_format("mp4") else {
            throw .library(.open, path, cav_error_demuxer_not_found())
        }
        try check(
            avformat_open_input(&input, "file:\(path)", format, nil), .open, path)
        guard let input else { throw .outOfMemory(.open, path) }
        do throws(MediaError) {
            try check(avformat_find_stream_info(input, nil), .open, path)
            streamIndex = try Demuxer.videoStream(of: input, path)
        } catch {
            var input: UnsafeMutablePointer<AVFormatContext>? = input
            avformat_close_input(&input)
            throw error
        }
        context = input
    }

    deinit {
        var context: UnsafeMutablePointer<AVFormatContext>? = context
        avformat_close_input(&context)
    }

    private static func videoStream(
        of input: UnsafeMutablePointer<AVFormatContext>, _ path: String
    ) throws(MediaError) -> Int {
        for index in 0..<Int(input.pointee.nb_streams) {
            guard let stream = input.pointee.streams[index], let parameters = stream.pointee.codecpar else { continue }
            guard parameters.pointee.codec_type == AVMEDIA_TYPE_VIDEO else { continue }
            guard parameters.pointee.width > 0, parameters.pointee.height > 0 else { continue }
            return index
        }
        throw MediaError(.open, path, .noVideo)
    }

    /// The video track, valid as long as the demuxer: do not let it escape.
    func withStream<Result, Failure: Error>(
        _ body: (UnsafeMutablePointer<AVStream>) throws(Failure) -> Result
    ) throws(Failure) -> Result {
        guard let stream = context.pointee.streams[streamIndex] else { preconditionFailure("checked when opened") }
        return try body(stream)
    }

    /// The file's own description: chapters and metadata; do not let the pointer escape.
    func withContext<Result>(_ body: (UnsafeMutablePointer<AVFormatContext>) -> Result) -> Result { body(context) }

    /// - Returns: false at the end of the file.
    func read(into packet: Packet) throws(MediaError) -> Bool {
        while true {
            av_packet_unref(packet.pointer)
            let status = av_read_frame(context, packet.pointer)
            if status == cav_error_end_of_file() { return false }
            try check(status, .read, path)
            if Int(packet.pointer.pointee.stream_index) == streamIndex { return true }
        }
    }
}
