import CAVFormat
import Glibc

/// Owns an `AVFrame`: a picture in the layout that codecs and swscale take, with rows padded as their SIMD code needs.
///
/// Not `Sendable`: used by the one thread that encodes or decodes.
final class Picture {
    let pointer: UnsafeMutablePointer<AVFrame>

    var size: PixelSize { PixelSize(width: Int(pointer.pointee.width), height: Int(pointer.pointee.height)) }
    var format: AVPixelFormat { AVPixelFormat(rawValue: pointer.pointee.format) }

    /// Without pixels, for a decoder to fill.
    init() throws(MediaError) {
        guard let frame = av_frame_alloc() else { throw .outOfMemory(.decode, nil) }
        pointer = frame
    }

    init(_ size: PixelSize, _ format: AVPixelFormat) throws(MediaError) {
        guard let frame = av_frame_alloc() else { throw .outOfMemory(.convert, nil) }
        pointer = frame
        frame.pointee.width = Int32(size.width)
        frame.pointee.height = Int32(size.height)
        frame.pointee.format = format.rawValue
        try check(av_frame_get_buffer(frame, 0), .convert, nil)
    }

    convenience init(_ frame: RGBFrame) throws(MediaError) {
        try self.init(frame.size, AV_PIX_FMT_RGB24)
        try load(frame)
    }

    deinit {
        var frame: UnsafeMutablePointer<AVFrame>? = pointer
        av_frame_free(&frame)
    }

    /// Copies the pixels in; the picture must be RGB24 of the frame's size.
    func load(_ frame: RGBFrame) throws(MediaError) {
        precondition(format == AV_PIX_FMT_RGB24 && size == frame.size)
        // An encoder may still hold the last content by reference.
        try check(av_frame_make_writable(pointer), .convert, nil)
        let rowBytes = 3 * frame.width
        let stride = Int(pointer.pointee.linesize.0)
        frame.pixels.withUnsafeBytes { pixels in
            guard let source = pixels.baseAddress, let target = pointer.pointee.data.0 else { return }
            for row in 0..<frame.height { memcpy(target + row * stride, source + row * rowBytes, rowBytes) }
        }
    }

    /// Copies the pixels out; the picture must be RGB24.
    func rgbFrame() -> RGBFrame {
        precondition(format == AV_PIX_FMT_RGB24)
        let (size, rowBytes) = (size, 3 * size.width)
        let stride = Int(pointer.pointee.linesize.0)
        let pixels = [UInt8](unsafeUninitializedCapacity: rowBytes * size.height) { pixels, count in
            guard let target = pixels.baseAddress, let source = pointer.pointee.data.0 else { return }
            for row in 0..<size.height { memcpy(target + row * rowBytes, source + row * stride, rowBytes) }
            count = rowBytes * size.height
        }
        return RGBFrame(width: size.width, height: size.height, pixels: pixels)
    }
}

/// Owns an `AVPacket`: one encoded picture. Not `Sendable`, for the reason of ``Picture``.
final class Packet {
    let pointer: UnsafeMutablePointer<AVPacket>

    init() throws(MediaError) {
        guard let packet = av_packet_alloc() else { throw .outOfMemory(.read, nil) }
        pointer = packet
    }

    deinit {
        var packet: UnsafeMutablePointer<AVPacket>? = pointer
        av_packet_free(&packet)
    }
}
