import Foundation
import Testing

@testable import Mochi

/// Goal: what a model recommends is taken, what it leaves open is the published Mochi-1's, what it can't mean is named.
@Suite struct ModelSettingsTests {
    private func parse(_ json: String) throws -> ModelSettings {
        try ModelSettings(json: Data(json.utf8), file: "storyfarm.json")
    }

    @Test func whatIsOpenIsAsPublished() throws {
        #expect(try parse("{}") == ModelSettings())
        let settings = try parse(
            #"{"video": {"width": 192}, "vae": {"form": "diffusers"}, "blending": {"gamma": 0.2}}"#)
        #expect(settings.width == 192 && settings.height == 480 && settings.form == .diffusers)
    }

    @Test(arguments: [
        (#"{"video": {"width": 0}}"#, "video.width: is 0, expected 1...4096"),
        (#"{"video": {"fps": 1000}}"#, "video.fps: is 1000, expected 1...120"),
        (#"{"sampling": {"steps": 1}}"#, "sampling.steps: is 1, expected 2...1000"),
        (#"{"vae": {"form": "other"}}"#, "vae.form: is 'other', expected genmo or diffusers"),
        (#"{"video": 5}"#, "video: is of another type than expected"),
        ("[", "storyfarm.json: is not the JSON of a configuration"),
    ])
    func whatItCantMeanIsNamed(json: String, says: String) {
        let error = #expect(throws: ModelFolderError.self) { try parse(json) }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }
}
