import DurableFile
import Foundation
import Media
import Mochi
import Torch
import Worker

/// Pictures of what the video is going to be, while it is denoised: first, middle and last latent frame as stills.
struct SegmentPreviews {
    let folder: String
    let model: MochiModel

    /// Pictures of an earlier run would mix with this one's.
    func prepare(isContinued: Bool) throws {
        let files = FileManager.default
        try files.createDirectory(atPath: folder, withIntermediateDirectories: true)
        guard !isContinued else { return }
        for name in try files.contentsOfDirectory(atPath: folder) where name.wholeMatch(of: /step-\d{4}\.jpg/) != nil {
            try files.removeItem(atPath: "\(folder)/\(name)")
        }
    }

    /// - Parameter estimate: the finished latents as this step sees them, `[1, C, T, h, w]`.
    func write(_ estimate: Tensor, step: Int) throws {
        let last = estimate.extent(2) - 1
        let picked = Array(Set([0, last / 2, last])).sorted()
        let frames = try Tensor.concatenated(picked.map { try estimate.selected(2, $0) }, dimension: 0)
        let row = try model.stills(frames).moved(to: .cpu).rgbFrames()
        let jpeg = try StillImage.encode(ContactSheet(rows: [row]).frame(), as: .jpeg)
        let number = String(format: "%04d", step)
        try PartialFile.write(jpeg, to: "\(folder)/step-\(number).jpg")
    }
}
