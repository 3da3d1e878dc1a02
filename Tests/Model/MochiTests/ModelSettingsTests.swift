import Foundation
import Testing

@testable import Mochi

/// Goal: what a model says of itself is taken, what it leaves open is the published Mochi-1's, what it can't mean is
/// named.
@Suite struct ModelSettingsTests {
    private func parse(_ json: String) throws -> ModelSettings {
        try ModelSettings(json: Data(json.utf8), file: "storyfarm.json")
    }

    @Test func whatIsOpenIsAsPublished() throws {
        #expect(try parse("{}") == ModelSettings())
        let settings = try parse(
            #"{"video": {"width": 192}, "vae": {"form": "diffusers"}, "blending": {"gamma": 0.2}}"#)
        #expect(settings.form == .diffusers && settings.colours == .published)
        let matrix = try parse(#"{"preview": {"linear": {"factors": [[1, 0, 0]], "bias": [0, 0.5, 0]}}}"#)
        #expect(matrix.colours == LatentColours(factors: [[1, 0, 0]], bias: [0, 0.5, 0]))
    }

    @Test(arguments: [
        (#"{"vae": {"form": "other"}}"#, "vae.form: is 'other', expected genmo or diffusers"),
        (#"{"vae": 5}"#, "vae: is of another type than expected"),
        (#"{"preview": {"linear": {"factors": [[1, 0]], "bias": [0, 0, 0]}}}"#, "preview.linear: is no matrix"),
        (#"{"preview": {"linear": {"bias": [0, 0, 0]}}}"#, "preview.linear.factors: is missing"),
        ("[", "storyfarm.json: is not the JSON of a configuration"),
    ])
    func whatItCantMeanIsNamed(json: String, says: String) {
        let error = #expect(throws: ModelFolderError.self) { try parse(json) }
        #expect(error?.description.contains(says) == true, "\(String(describing: error))")
    }
}
