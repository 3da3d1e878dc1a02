import CAVFormat

/// Which numbers stand for a colour in YCbCr; RGB has only one kind here.
struct ColorCoding: Equatable {
    /// `SWS_CS_*`
    var coefficients: Int32
    /// 0…255 rather than 16…235.
    var isFullRange: Bool

    /// High-definition video; also what this module encodes at every size, and tags as such.
    static let bt709 = ColorCoding(coefficients: SWS_CS_ITU709, isFullRange: false)
    /// JPEG files (JFIF).
    static let jfif = ColorCoding(coefficients: SWS_CS_ITU601, isFullRange: true)

    init(coefficients: Int32, isFullRange: Bool) {
        self.coefficients = coefficients
        self.isFullRange = isFullRange
    }

    /// As the decoded picture is tagged. Untagged pictures are read as players do: large ones as BT.709.
    init(of picture: Picture) {
        let frame = picture.pointer.pointee
        switch frame.colorspace {
        case AVCOL_SPC_BT709: coefficients = SWS_CS_ITU709
        case AVCOL_SPC_BT470BG, AVCOL_SPC_SMPTE170M: coefficients = SWS_CS_ITU601
        case AVCOL_SPC_BT2020_NCL: coefficients = SWS_CS_BT2020
        default: coefficients = frame.height >= 720 ? SWS_CS_ITU709 : SWS_CS_ITU601
        }
        isFullRange = frame.color_range == AVCOL_RANGE_JPEG
    }
}

/// Converts pictures between RGB and YCbCr and between sizes; the same input gives the same bytes on every CPU.
final class PixelConverter {
    struct Endpoint: Equatable {
        var size: PixelSize
        var format: AVPixelFormat
        /// nil for RGB.
        var coding: ColorCoding?

        static func rgb(_ size: PixelSize) -> Endpoint {
            Endpoint(size: size, format: AV_PIX_FMT_RGB24, coding: nil)
        }
    }

    let source: Endpoint
    let target: Endpoint
    private let context: OpaquePointer

    init(from source: Endpoint, to target: Endpoint) throws(MediaError) {
        LibraryLog.install()
        guard let context = sws_alloc_context() else { throw .outOfMemory(.convert, nil) }
        self.source = source
        self.target = target
        self.context = context
        try setUp()
    }

    deinit { sws_freeContext(context) }

    private func setUp() throws(MediaError) {
        // Bit-exact code paths give the same on every CPU, the others trade that for speed. The full-chroma flags take
        // every column into account where colour is halved or doubled.
        let flags = SWS_BICUBIC | SWS_ACCURATE_RND | SWS_BITEXACT | SWS_FULL_CHR_H_INT | SWS_FULL_CHR_H_INP
        try set("sws_flags", flags)
        for (end, side) in [(source, "src"), (target, "dst")] {
            try set("\(side)w", Int32(end.size.width))
            try set("\(side)h", Int32(end.size.height))
            try set("\(side)_format", end.format.rawValue)
            // H.264 places a chroma sample level with the left of its two luma columns, JFIF and RGB in the middle;
            // swscale's default is the middle, which would shift colour by a quarter pixel.
            if let coding = end.coding, !coding.isFullRange {
                try set("\(side)_h_chr_pos", 0)
                try set("\(side)_v_chr_pos", 128)
            }
        }
        try check(sws_init_context(context, nil, nil), .convert, nil)
        guard source.coding != nil || target.coding != nil else { return }
        let from = source.coding ?? ColorCoding.bt709
        let to = target.coding ?? ColorCoding.bt709
        let unit: Int32 = 1 << 16
        // RGB is full range by definition; brightness 0, contrast and saturation 1.
        try check(
            sws_setColorspaceDetails(
                context, sws_getCoefficients(from.coefficients), source.coding == nil || from.isFullRange ? 1 : 0,
                sws_getCoefficients(to.coefficients), target.coding == nil || to.isFullRange ? 1 : 0, 0, unit, unit),
            .convert, nil)
    }

    private func set(_ option: String, _ value: Int32) throws(MediaError) {
        try check(av_opt_set_int(UnsafeMutableRawPointer(context), option, Int64(value), 0), .convert, nil)
    }

    /// - Precondition: `picture` is as `source` says, `result` as `target` says.
    func convert(_ picture: Picture, into result: Picture) throws(MediaError) {
        precondition(picture.size == source.size && picture.format == source.format)
        precondition(result.size == target.size && result.format == target.format)
        try check(av_frame_make_writable(result.pointer), .convert, nil)
        try check(sws_scale_frame(context, result.pointer, picture.pointer), .convert, nil)
    }
}
