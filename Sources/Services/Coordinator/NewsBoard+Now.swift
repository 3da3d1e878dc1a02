import Control
import Foundation

extension NewsBoard {
    func publish(
        _ kind: FarmNews.Kind, story: UInt64? = nil, segment: Int? = nil, worker: String? = nil, _ text: String,
        step: Int? = nil, steps: Int? = nil, seconds: Double? = nil, cause: String? = nil
    ) {
        publish(
            kind, at: Date().timeIntervalSince1970, story: story, segment: segment, worker: worker, text, step: step,
            steps: steps, seconds: seconds, cause: cause)
    }
}
