import CAVFormat

/// Encodes single pictures in memory: thumbnails, previews, contact sheets.
public enum StillImage {
    /// The file formats every browser shows.
    public enum Format: Hashable, Sendable, CaseIterable {
        /// Small, nearly lossless to the eye.
        case jpeg
        /// Exact.
        case png
    }

    /// The bytes of an image file. The same picture gives the same bytes.
    ///
    /// - Throws: ``MediaError`` if this libavcodec lacks the encoder or is out of memory.
    public static func encode(_ frame: RGBFrame, as format: Format) throws(MediaError) -> [UInt8] {
        let picture = try Picture(frame)
        switch format {
        case .png:
            return try encode(picture, encoderName: "png") { _ in }
        case .jpeg:
            let target = PixelConverter.Endpoint(size: frame.size, format: AV_PIX_FMT_YUVJ420P, coding: .jfif)
            let converted = try Picture(frame.size, target.format)
            try PixelConverter(from: .rgb(frame.size), to: target).convert(picture, into: converted)
            // libavcodec's scale of 2 (best) to 31, here in its fixed point; 3 shows no blocks at thumbnail sizes.
            let quantizer = 3 * FF_QP2LAMBDA
            converted.pointer.pointee.quality = quantizer
            return try encode(converted, encoderName: "mjpeg") { context in
                context.pointee.color_range = AVCOL_RANGE_JPEG
                context.pointee.flags |= AV_CODEC_FLAG_QSCALE
                context.pointee.global_quality = quantizer
            }
        }
    }

    static func encode(
        _ picture: Picture, encoderName: String, settings: (UnsafeMutablePointer<AVCodecContext>) -> Void
    ) throws(MediaError) -> [UInt8] {
        var context: UnsafeMutablePointer<AVCodecContext>? = try allocateEncoder(encoderName, nil)
        defer { avcodec_free_context(&context) }
        guard let context else { throw .outOfMemory(.encode, nil) }
        context.pointee.width = picture.pointer.pointee.width
        context.pointee.height = picture.pointer.pointee.height
        context.pointee.pix_fmt = picture.format
        context.pointee.time_base = AVRational(num: 1, den: 1)
        context.pointee.thread_count = 1
        context.pointee.flags |= AV_CODEC_FLAG_BITEXACT
        settings(context)
        try check(avcodec_open2(context, context.pointee.codec, nil), .encode, nil)
        let packet = try Packet()
        try check(avcodec_send_frame(context, picture.pointer), .encode, nil)
        try check(avcodec_receive_packet(context, packet.pointer), .encode, nil)
        return [UInt8](UnsafeBufferPointer(start: packet.pointer.pointee.data, count: Int(packet.pointer.pointee.size)))
    }
}

extension RGBFrame {
    /// The picture in `width` pixels width, its height in proportion (at least 1).
    ///
    /// - Precondition: `width` is positive.
    /// - Throws: ``MediaError`` if libswscale refuses the sizes or memory is short.
    public func scaled(toWidth width: Int) throws(MediaError) -> RGBFrame {
        precondition(width > 0, "a width of \(width) pixels")
        let height = max(1, Int((Double(width) * Double(self.height) / Double(self.width)).rounded()))
        let target = PixelSize(width: width, height: height)
        guard target != size else { return self }
        let result = try Picture(target, AV_PIX_FMT_RGB24)
        try PixelConverter(from: .rgb(size), to: .rgb(target)).convert(Picture(self), into: result)
        return result.rgbFrame()
    }
}
