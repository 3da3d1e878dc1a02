import CAVFormat

/// Decodes an MP4's video frame by frame to RGB, in the order they are shown.
///
/// Calls block on computation and disk: keep them off the cooperative thread pool.
public struct VideoReader: ~Copyable {
    /// What the file says about itself, as read when it was opened.
    public let information: VideoInformation
    private let input: Demuxer
    private let decoder: Decoder
    private let packet: Packet
    private let picture: Picture
    private let rgb: Picture
    private var converter: PixelConverter?
    private var inputIsAtEnd = false

    /// - Throws: ``MediaError`` if the file at `path` is no MP4, or one without a video that this libav can decode.
    public init(_ path: String) throws(MediaError) {
        // Swift takes a noncopyable value's properties only all at once where making one of them may throw.
        let input = try Demuxer(path)
        let information = try VideoInformation(input)
        let decoder = try Decoder(of: input)
        let (packet, picture) = (try Packet(), try Picture())
        let rgb = try Picture(information.size, AV_PIX_FMT_RGB24)
        self.input = input
        self.information = information
        self.decoder = decoder
        self.packet = packet
        self.picture = picture
        self.rgb = rgb
    }

    /// The next frame, or nil after the last.
    ///
    /// - Throws: ``MediaError`` where the stream is damaged or changes its size.
    public mutating func next() throws(MediaError) -> RGBFrame? {
        while true {
            switch try decoder.receive(picture) {
            case .frame: return try convert()
            case .end: return nil
            case .needsInput: try feed()
            }
        }
    }

    private mutating func feed() throws(MediaError) {
        guard !inputIsAtEnd else { preconditionFailure("a drained decoder says end") }
        if try input.read(into: packet) {
            try decoder.send(packet)
        } else {
            inputIsAtEnd = true
            try decoder.send(nil)
        }
    }

    private mutating func convert() throws(MediaError) -> RGBFrame {
        guard picture.size == information.size else {
            throw MediaError(
                .decode, input.path, .wrongFrameSize(expected: information.size, found: picture.size))
        }
        let source = PixelConverter.Endpoint(
            size: picture.size, format: picture.format, coding: ColorCoding(of: picture))
        let converter: PixelConverter
        if let current = self.converter, current.source == source {
            converter = current
        } else {
            converter = try PixelConverter(from: source, to: .rgb(picture.size))
        }
        self.converter = converter
        try converter.convert(picture, into: rgb)
        return rgb.rgbFrame()
    }
}

/// An open decoder; one thread uses it.
private final class Decoder {
    enum Output {
        case frame
        case needsInput
        case end
    }

    private let context: UnsafeMutablePointer<AVCodecContext>
    private let path: String

    init(of input: Demuxer) throws(MediaError) {
        path = input.path
        let parameters = input.withStream { $0.pointee.codecpar }
        guard let parameters, let codec = avcodec_find_decoder(parameters.pointee.codec_id) else {
            throw MediaError(.decode, input.path, .noVideo)
        }
        guard let context = avcodec_alloc_context3(codec) else { throw .outOfMemory(.decode, input.path) }
        self.context = context
        try check(avcodec_parameters_to_context(context, parameters), .decode, path)
        context.pointee.thread_count = 1
        // Otherwise damaged frames are silently patched up from their neighbours.
        context.pointee.err_recognition = AV_EF_EXPLODE
        try check(avcodec_open2(context, codec, nil), .decode, path)
    }

    deinit {
        var context: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&context)
    }

    /// - Parameter packet: nil says that no more will come.
    func send(_ packet: Packet?) throws(MediaError) {
        try check(avcodec_send_packet(context, packet?.pointer), .decode, path)
    }

    func receive(_ picture: Picture) throws(MediaError) -> Output {
        let status = avcodec_receive_frame(context, picture.pointer)
        if status == cav_error_again() { return .needsInput }
        if status == cav_error_end_of_file() { return .end }
        try check(status, .decode, path)
        return .frame
    }
}
