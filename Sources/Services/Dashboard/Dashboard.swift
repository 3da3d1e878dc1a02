import Crypto

/// The farm's page for browsers: files that the program carries in itself.
///
/// Hand-written HTML, CSS and JavaScript modules; nothing is built and nothing comes from elsewhere.
public enum Dashboard {
    public struct File: Sendable {
        /// As "/page/main.js".
        public let address: String
        public let contentType: String
        public let bytes: [UInt8]
        /// Names these bytes, in quotes.
        public let entityTag: String

        init(_ address: String, _ contentType: String, _ bytes: [UInt8]) {
            (self.address, self.contentType, self.bytes) = (address, contentType, bytes)
            let digits = "0123456789abcdef"
            let digest = SHA256.hash(data: bytes).prefix(16).flatMap { byte in
                [Int(byte >> 4), Int(byte & 15)].map { digits[digits.index(digits.startIndex, offsetBy: $0)] }
            }
            entityTag = "\"\(String(digest))\""
        }
    }

    /// What the page may load and do: its own files and the farm it came from, no script within the markup, and no text
    /// that becomes markup (Trusted Types with no policy at all).
    public static let securityPolicy = [
        "default-src 'none'", "script-src 'self'", "style-src 'self'", "img-src 'self'", "media-src 'self'",
        "connect-src 'self'", "base-uri 'none'", "form-action 'none'", "frame-ancestors 'none'",
        "require-trusted-types-for 'script'", "trusted-types 'none'",
    ].joined(separator: "; ")

    /// Further headers: other pages neither frame nor embed it, and links from it say nothing.
    public static let isolation = [
        ("Referrer-Policy", "no-referrer"), ("Cross-Origin-Opener-Policy", "same-origin"),
        ("Cross-Origin-Resource-Policy", "same-origin"), ("X-Frame-Options", "DENY"),
    ]

    public static let files: [File] = [
        File("/", "text/html; charset=utf-8", PackageResources.index_html),
        File("/page/page.css", "text/css; charset=utf-8", PackageResources.page_css),
        File("/page/icon.svg", "image/svg+xml", PackageResources.icon_svg),
        script("main", PackageResources.main_js),
        script("dom", PackageResources.dom_js),
        script("words", PackageResources.words_js),
        script("farm", PackageResources.farm_js),
        script("live", PackageResources.live_js),
        script("session", PackageResources.session_js),
        script("dialog", PackageResources.dialog_js),
        script("overview", PackageResources.overview_js),
        script("queuechart", PackageResources.queuechart_js),
        script("stories", PackageResources.stories_js),
        script("story", PackageResources.story_js),
        script("gantt", PackageResources.gantt_js),
        script("workers", PackageResources.workers_js),
        script("nodes", PackageResources.nodes_js),
        script("failures", PackageResources.failures_js),
    ]

    private static func script(_ name: String, _ bytes: [UInt8]) -> File {
        File("/page/\(name).js", "text/javascript; charset=utf-8", bytes)
    }
}
