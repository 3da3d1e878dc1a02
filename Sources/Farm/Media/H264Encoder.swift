import CAVFormat

/// An open libx264, set up so that its segments can be joined by copying packets. One thread uses it.
final class H264Encoder {
    private let context: UnsafeMutablePointer<AVCodecContext>
    private let path: String

    /// - Parameter path: the file that errors name.
    init(named name: String, _ settings: VideoSettings, _ path: String) throws(MediaError) {
        context = try allocateEncoder(name, path)
        self.path = path
        describePictures(settings)
        describeCoding(settings)
        try check(av_opt_set(context.pointee.priv_data, "preset", settings.preset.rawValue, 0), .encode, path)
        try check(av_opt_set(context.pointee.priv_data, "profile", "high", 0), .encode, path)
        try check(
            av_opt_set(context.pointee.priv_data, "crf", "\(settings.constantRateFactor)", 0), .encode, path)
        // stitchable: SPS and PPS depend on the settings alone, not on what the segment shows.
        // cpu-independent: no algorithm is chosen by the CPU's abilities, so every machine gives the same bytes.
        try check(
            av_opt_set(context.pointee.priv_data, "x264-params", "stitchable=1:cpu-independent=1", 0), .encode, path)
        try check(avcodec_open2(context, context.pointee.codec, nil), .encode, path)
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    private func describePictures(_ settings: VideoSettings) {
        context.pointee.width = Int32(settings.size.width)
        context.pointee.height = Int32(settings.size.height)
        context.pointee.sample_aspect_ratio = AVRational(num: 1, den: 1)
        context.pointee.pix_fmt = AV_PIX_FMT_YUV420P
        // Tagged as converted; an untagged small video would be shown as BT.601, with shifted greens and reds.
        context.pointee.color_range = AVCOL_RANGE_MPEG
        context.pointee.color_primaries = AVCOL_PRI_BT709
        context.pointee.color_trc = AVCOL_TRC_BT709
        context.pointee.colorspace = AVCOL_SPC_BT709
        context.pointee.chroma_sample_location = AVCHROMA_LOC_LEFT
    }

    private func describeCoding(_ settings: VideoSettings) {
        context.pointee.time_base = settings.frameRate.timeBase
        context.pointee.framerate = settings.frameRate.rational
        // A keyframe about every two seconds lets a player jump; a GOP is closed, so none needs an earlier one.
        let twoSeconds = 2 * settings.frameRate.numerator / settings.frameRate.denominator
        context.pointee.gop_size = Int32(max(twoSeconds, 2))
        // Without B-frames frames are stored in the order they are shown: dts equals pts and starts at 0, no edit list
        // is needed to hide a delay, and any prefix of the segments is itself a correct video.
        context.pointee.max_b_frames = 0
        context.pointee.flags |= AV_CODEC_FLAG_GLOBAL_HEADER | AV_CODEC_FLAG_BITEXACT
        context.pointee.flags |= Int32(bitPattern: AV_CODEC_FLAG_CLOSED_GOP)
        // x264's output depends on the number of threads, so it must not depend on the machine. A second thread would
        // cost its lookahead quality and is not needed: delivering overlaps the next segment's denoising.
        context.pointee.thread_count = 1
    }

    func copyParameters(to parameters: UnsafeMutablePointer<AVCodecParameters>) -> Int32 {
        avcodec_parameters_from_context(parameters, context)
    }

    /// - Parameter picture: nil says that no more will come.
    func send(_ picture: Picture?) throws(MediaError) {
        try check(avcodec_send_frame(context, picture?.pointer), .encode, path)
    }

    /// - Returns: whether a packet was ready.
    func receive(_ packet: Packet) throws(MediaError) -> Bool {
        let status = avcodec_receive_packet(context, packet.pointer)
        if status == cav_error_again() || status == cav_error_end_of_file() { return false }
        try check(status, .encode, path)
        return true
    }
}

/// Finds an encoder in this libavcodec and allocates, but does not open, a context for it, which the caller frees.
///
/// - Parameter path: the file that errors name.
func allocateEncoder(
    _ name: String, _ path: String?
) throws(MediaError) -> UnsafeMutablePointer<AVCodecContext> {
    LibraryLog.install()
    guard let codec = avcodec_find_encoder_by_name(name) else {
        throw MediaError(.encode, path, .missingEncoder(name: name, libraryVersion: MediaLibrary.version))
    }
    guard let context = avcodec_alloc_context3(codec) else { throw .outOfMemory(.encode, path) }
    return context
}
