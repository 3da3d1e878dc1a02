import Control
import FarmStandIn
import Foundation
import Programs

extension ServedFarm {
    /// Runs `storyfarm` against this farm.
    func storyfarm(_ arguments: String...) async throws -> Program.Outcome {
        try await Program.run("storyfarm", arguments, in: folder, environment: ["STORYFARM_FARM": connectionFile])
    }

    /// Waits until somebody listens for news, and knows what was before them.
    func waitForWatcher() async {
        while await farm.listenerCount == 0 { await Task.yield() }
        while await farm.storyQuestions == 0 { await Task.yield() }
    }

    /// A script that `storyfarm submit` takes.
    func script(_ text: String = "segments: [{scene: a park, action: a corgi runs}]\n") throws -> String {
        let file = folder.appending(path: "corgi.yaml")
        try Data(text.utf8).write(to: file)
        return file.path
    }
}

extension Program.Outcome {
    func form<Form: Decodable>(_ form: Form.Type) throws -> Form {
        try JSONDecoder().decode(form, from: Data(output.utf8))
    }
}
