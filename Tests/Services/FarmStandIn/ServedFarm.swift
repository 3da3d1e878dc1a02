public import Control
public import ControlAPI
public import Foundation
import Logging
import ServiceLifecycle

/// A stand-in that is really served: on a free port, with a connection file in a folder of its own.
public struct ServedFarm: Sendable {
    public let farm: FarmStandIn
    public let api: ControlAPI
    public let connection: FarmConnection
    public let folder: URL

    public var connectionFile: String { folder.appending(path: "farm.json").path }
}

/// Serves while `body` runs; afterwards the service has ended and the folder is gone.
public func withServedFarm(
    keepAlive: Duration = .seconds(15), in given: URL? = nil,
    _ change: (inout ControlConfiguration) -> Void = { _ in }, _ body: (ServedFarm) async throws -> Void
) async throws {
    let folder = given ?? FileManager.default.temporaryDirectory.appending(path: "storyfarm-\(UUID().uuidString)")
    try FileManager.default.createDirectory(at: folder, withIntermediateDirectories: true)
    defer { if given == nil { try? FileManager.default.removeItem(at: folder) } }
    let logger = Logger(label: "test") { _ in SwiftLogNoOpLogHandler() }
    let farm = FarmStandIn()
    var configuration = ControlConfiguration(
        connectionFile: folder.appending(path: "farm.json").path, keepAlive: keepAlive)
    change(&configuration)
    let api = try ControlAPI(farm, configuration: configuration, logger: logger)
    let group = ServiceGroup(configuration: .init(services: [api], logger: logger))
    try await withThrowingTaskGroup(of: Void.self) { tasks in
        tasks.addTask { try await group.run() }
        do {
            let connection = try await api.connection()
            try await body(ServedFarm(farm: farm, api: api, connection: connection, folder: folder))
        } catch {
            await group.triggerGracefulShutdown()
            throw error
        }
        await group.triggerGracefulShutdown()
        try await tasks.waitForAll()
    }
}

/// Makes a file that stands for a video.
public func storedVideo(_ bytes: [UInt8], at file: URL, version: String = "v1") throws -> StoredVideo {
    try Data(bytes).write(to: file)
    return StoredVideo(path: file.path, byteCount: bytes.count, version: version, segments: 2, isWholeStory: true)
}
