import CAVFormat

/// The libavcodec that this process runs with.
public enum MediaLibrary {
    /// The H.264 encoder that videos are made with.
    public static let encoderName = "libx264"

    /// As "59.37.100".
    public static var version: String {
        let version = avcodec_version()
        return "\(version >> 16).\(version >> 8 & 0xFF).\(version & 0xFF)"
    }

    /// - Throws: ``MediaError`` naming what to install, if this libavcodec lacks the encoder.
    public static func requireEncoder() throws(MediaError) {
        let context = try allocateEncoder(encoderName, nil)
        var allocated: UnsafeMutablePointer<AVCodecContext>? = context
        avcodec_free_context(&allocated)
    }
}
