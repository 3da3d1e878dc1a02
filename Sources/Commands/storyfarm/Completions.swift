import ArgumentParser
import Console
import Control
import FarmClient
import FarmFolder

/// What a shell offers where a story, a worker or a file is wanted.
extension CompletionKind {
    static var script: CompletionKind { .file(extensions: ["yaml", "yml", "json"]) }

    static var video: CompletionKind { .file(extensions: ["mp4"]) }

    /// The newest stories of the farm that the command line names.
    static var storyNumber: CompletionKind {
        asked { client in try await client.stories(StoryPage()).stories.map { "\($0.id)" } }
    }

    static var workerName: CompletionKind {
        asked { client in try await client.workers().map(\.id) }
    }

    static var nodeName: CompletionKind {
        asked { client in try await client.nodes().map(\.name) }
    }

    /// Nothing where no farm answers: a shell waits for this.
    private static func asked(
        _ question: @escaping @Sendable (FarmClient) async throws -> [String]
    ) -> CompletionKind {
        .custom { arguments, _, prefix in
            let given = arguments.firstIndex(of: "--farm").flatMap { arguments.dropFirst($0 + 1).first }
            let path = FarmFolder.connectionFile(named: given ?? Configuration.current.text(.farm))
            return await withTaskGroup(of: [String].self) { group in
                group.addTask { (try? await question(FarmClient(contentsOf: path))) ?? [] }
                group.addTask {
                    try? await ContinuousClock().sleep(for: patience)
                    return []
                }
                defer { group.cancelAll() }
                return (await group.next() ?? []).filter { $0.hasPrefix(prefix) }
            }
        }
    }

    private static let patience = Duration.seconds(2)
}
