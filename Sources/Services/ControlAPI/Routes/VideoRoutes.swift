import Control
import HTTPTypes
import Hummingbird

/// What a story shows: its finished prefix, one segment, and what a segment is going to be.
struct VideoRoutes {
    let farm: any FarmControl

    func add(to group: RouterGroup<ControlContext>) {
        let story = group.group("stories/{id}")
        story.get("video") { request, context in
            try await answer(request, await farm.video(of: context.story(), segment: nil))
        }
        story.get("segments/{segment}/video") { request, context in
            try await answer(request, await farm.video(of: context.story(), segment: context.segment()))
        }
        story.get("segments/{segment}/preview") { _, context in
            let jpeg = try await farm.preview(of: context.story(), segment: context.segment())
            return Response(
                status: .ok,
                headers: [.contentType: "image/jpeg", .cacheControl: "no-store", .xContentTypeOptions: "nosniff"],
                body: ResponseBody(byteBuffer: ByteBuffer(bytes: jpeg)))
        }
        story.get("segments/{segment}/thumbnail") { request, context in
            let thumbnail = try await farm.thumbnail(of: context.story(), segment: context.segment())
            let tag = Self.entityTag(thumbnail.version)
            let headers: HTTPFields = [
                .contentType: "image/jpeg", .eTag: tag, .cacheControl: "private, no-cache",
                .xContentTypeOptions: "nosniff",
            ]
            if let known = request.headers[.ifNoneMatch], Self.names(tag, in: known) {
                return Response(status: .notModified, headers: headers)
            }
            return Response(
                status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: thumbnail.jpeg)))
        }
    }

    static let endpoints = [
        Endpoint(
            .get, "stories/{id}/video", .viewer, "The finished prefix of a story.", parameters: conditions,
            answers: videos, refusals: [409, 503]),
        Endpoint(
            .get, "stories/{id}/segments/{segment}/video", .viewer, "A finished segment.", parameters: conditions,
            answers: videos, refusals: [409, 503]),
        Endpoint(
            .get, "stories/{id}/segments/{segment}/thumbnail", .viewer, "A finished segment, 320 pixels wide.",
            parameters: [conditions[1]],
            answers: [
                Endpoint.Answer(status: 200, about: "A picture.", type: "image/jpeg"),
                Endpoint.Answer(status: 304, about: "It is the one that is known."),
            ], refusals: [409, 503]),
        Endpoint(
            .get, "stories/{id}/segments/{segment}/preview", .viewer,
            "What a segment is going to be, as its last step saw it.",
            answers: [Endpoint.Answer(status: 200, about: "A picture.", type: "image/jpeg")]),
    ]

    private static let conditions = [("Range", "One range of bytes."), ("If-None-Match", "What is known already.")]
        .map { Endpoint.Parameter(name: $0, place: .header, about: $1, schema: ["type": "string"]) }

    private static let videos = [
        Endpoint.Answer(status: 200, about: "All of it.", type: "video/mp4"),
        Endpoint.Answer(status: 206, about: "The part that was asked for.", type: "video/mp4"),
        Endpoint.Answer(status: 304, about: "It is the one that is known."),
        Endpoint.Answer(status: 416, about: "The range is behind its end; Content-Range says where that is."),
    ]

    private func answer(_ request: Request, _ video: StoredVideo) async throws -> Response {
        let file = try OpenFile(video.path)
        guard file.byteCount == video.byteCount else {
            throw ControlError.unavailable(reason: "the video is being replaced; ask again")
        }
        let tag = Self.entityTag(video.version)
        // Kept by who asks, and asked again before it is used: the next segment changes it.
        var headers: HTTPFields = [
            .contentType: "video/mp4", .eTag: tag, .acceptRanges: "bytes", .cacheControl: "private, no-cache",
            .xContentTypeOptions: "nosniff",
        ]
        if let known = request.headers[.ifNoneMatch], Self.names(tag, in: known) {
            return Response(status: .notModified, headers: headers)
        }
        // Parts of two versions make no video: another version is answered whole.
        let isSame = request.headers[.ifRange].map { $0 == tag } ?? true
        switch ByteRange(isSame ? request.headers[.range] : nil, of: file.byteCount) {
        case .whole:
            return Response(status: .ok, headers: headers, body: file.body(0..<file.byteCount))
        case .part(let range):
            headers[.contentRange] = "bytes \(range.lowerBound)-\(range.upperBound - 1)/\(file.byteCount)"
            return Response(status: .partialContent, headers: headers, body: file.body(range))
        case .unsatisfiable:
            return Response(status: .rangeNotSatisfiable, headers: [.contentRange: "bytes */\(file.byteCount)"])
        }
    }

    /// A version in quotes, whatever it is made of.
    static func entityTag(_ version: String) -> String {
        let plain = version.utf8.filter { (0x21...0x7E).contains($0) && $0 != 0x22 }
        return "\"\(String(decoding: plain, as: UTF8.self))\""
    }

    private static func names(_ tag: String, in header: String) -> Bool {
        header == "*"
            || header.split(separator: ",").contains { known in
                let bare = known.drop { $0 == " " }
                return bare == tag || bare == "W/\(tag)"
            }
    }
}
