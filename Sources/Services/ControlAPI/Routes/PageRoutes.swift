import Dashboard
import HTTPTypes
import Hummingbird

/// The dashboard's files: the same for everybody, so without a token.
struct PageRoutes {
    func add(to router: Router<ControlContext>) {
        for file in Dashboard.files {
            router.get(RouterPath(file.address)) { request, _ in answer(file, request) }
        }
    }

    private func answer(_ file: Dashboard.File, _ request: Request) -> Response {
        // Asked again before it is used: a coordinator of another version may listen here tomorrow.
        var headers: HTTPFields = [
            .contentType: file.contentType, .eTag: file.entityTag, .cacheControl: "no-cache",
            .xContentTypeOptions: "nosniff", .contentSecurityPolicy: Dashboard.securityPolicy,
        ]
        for (name, value) in Dashboard.isolation { if let name = HTTPField.Name(name) { headers[name] = value } }
        if request.headers[.ifNoneMatch] == file.entityTag { return Response(status: .notModified, headers: headers) }
        return Response(
            status: .ok, headers: headers, body: ResponseBody(byteBuffer: ByteBuffer(bytes: file.bytes)))
    }
}
