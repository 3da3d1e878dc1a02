import Foundation
import Programs
import Testing
import Torch

/// Goal: wrong input is one line that names the thing, has a status of its own, and leaves nothing behind.
/// Method: the real program; a model folder spoilt in one place at a time.
@Suite struct WrongSegmentTests {
    private func expectRefusal(
        _ arguments: [String], says: String, model: String = ModelFixture.folder, status: Int32 = 2, in folder: URL,
        sourceLocation: SourceLocation = #_sourceLocation
    ) throws {
        let before = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        let given = Set(arguments)
        var all = ["segment", "--model", model]
        for (option, value) in [
            ("--prompt", "a dog"), ("--width", "48"), ("--height", "32"), ("--frames", "7"), ("--steps", "3"),
            ("--output", "a.mp4"),
        ] where !given.contains(option) { all += [option, value] }
        let outcome = try Program("storyfarm-worker", all + arguments, in: folder).finish()
        #expect(outcome.status == status, "\(outcome.errors)", sourceLocation: sourceLocation)
        let lines = outcome.errors.split(separator: "\n").filter { !$0.hasPrefix("loading the") && !$0.contains("██") }
        #expect(lines.count == 1, "\(outcome.errors)", sourceLocation: sourceLocation)
        #expect(outcome.errors.contains(says), "\(outcome.errors)", sourceLocation: sourceLocation)
        let after = try FileManager.default.contentsOfDirectory(atPath: folder.path).sorted()
        #expect(after == before, sourceLocation: sourceLocation)
    }

    @Test(arguments: [
        (["--frames", "24"], "frames is 24, expected 6k + 1 up to 1537: 19 or 25"),
        (["--frames", "0"], "--frames is 0, expected a whole number from 1 to 1537"),
        (["--segment", "1"], "expected --prompt, or --scene and --action, or --story and --segment"),
        (["--without", "x"], "--without is x, expected weighting, blending, sar or some of them"),
        (["--set", "blending.gama=1"], "blending.gama"),
        (["--width", "100"], "width is 100, expected a multiple of 16 up to 4096: 96 or 112"),
        (["--height", "-16"], "Missing value for '--height <height>'"),
        (["--width", "4096", "--height", "4096", "--frames", "25"], "width × height × frames is 419430400, expected"),
        (["--prompt", ""], "--prompt: the prompt is empty"),
        (["--prompt", " \t"], "--prompt: the prompt is empty"),

        (["--prompt", String(repeating: "corgi ", count: 60)], "tokens, over the limit of 24"),
        (["--negative", String(repeating: "corgi ", count: 60)], "the negative prompt: the prompt has"),
        (["--prompt", String(repeating: "a", count: 100_000)], "--prompt: a text of 100000 bytes is over the limit"),
        (["--steps", "1"], "--steps is 1, expected a whole number from 2 to 1000"),
        (["--guidance", "high"], "--guidance is 'high', expected a number from 0 to 100"),
        (["--guidance", "nan"], "--guidance is 'nan', expected a number from 0 to 100"),
        (["--guidance", "1,2"], "--guidance has 2 numbers, expected one, or one for each of 3 steps"),
        (["--seed", "-1"], "--seed"), (["--fps", "0"], "--fps is 0, expected a whole number from 1 to"),
        (["--vae-form", "x"], "--vae-form is x, expected genmo or diffusers"),
        (["--precision", "fp8"], "--precision is fp8, expected fp32 or bf16"),
        (["--device", "gpu"], "--device is gpu, expected cpu, cuda or cuda:N"),
        (["--device", "cuda:99"], "there is no device cuda:99"),
        (["--threads", "0"], "--threads is 0"), (["--attention", "fast"], "--attention is fast, expected automatic"),
        (["--output", "a.avi"], "--output is a.avi, expected a name in .mp4"),
        (["--output", "absent/a.mp4"], "nothing can be written into"),
        (["--output", ".mp4"], "--output is .mp4, expected a name in .mp4"),
        (["--trace", "x", "--checkpoint", "./x"], "--checkpoint and --trace are the same file, x"),
        (["--save-latents", "x", "--initial-latents", "x"], "--save-latents and --initial-latents are the same file"),
        (["--save-latents", ""], "--save-latents is '', expected the name of a file"),
        (["--trace", "new/"], "--trace is 'new/', expected the name of a file"),
        (["--trace", "/dev/null"], "--trace is /dev/null, which is no regular file"),
        (["--previews", "/dev/null"], "--previews is '/dev/null', expected a folder"),
        (["--previews", ""], "--previews is '', expected a folder"),
        (["--initial-latents", "absent.safetensors"], "absent.safetensors: No such file or directory"),
        (["--resume", "absent.safetensors"], "absent.safetensors: No such file or directory"),
        (["--nonsense"], "Unknown option '--nonsense'"),
    ])
    func wrongArgumentsAreNamed(arguments: [String], says: String) throws {
        try withFolder { try expectRefusal(arguments, says: says, in: $0) }
    }

    @Test func latentsMustFitAndBeFinite() throws {
        try withFolder { folder in
            let path = folder.path + "/l.safetensors"
            try Tensor.save(["latents": Tensor.zeros([1, 12, 2, 4, 5])], to: path)
            try expectRefusal(
                ["--initial-latents", "l.safetensors"],
                says: "l.safetensors: latents: expected F32 [1, 12, 2, 4, 6], found F32 [1, 12, 2, 4, 5]", in: folder)
            var values = [Float](repeating: 0, count: 12 * 2 * 4 * 6)
            values[100] = .nan
            try Tensor.save(["latents": Tensor(values, shape: [1, 12, 2, 4, 6])], to: path)
            try expectRefusal(
                ["--initial-latents", "l.safetensors"], says: "l.safetensors: latents: has values that are not finite",
                in: folder)
        }
    }

    @Test func aSpoiltModelIsNamedByFileAndKey() throws {
        let key = "transformer_blocks.0.ff.net.0.proj.weight"
        try withFolder { folder in
            let model = try ModelFixture.copy(into: folder)
            let index = try Data(
                contentsOf: URL(filePath: "\(model)/\(ModelFixture.transformer).safetensors.index.json"))
            let map = try #require(try JSONSerialization.jsonObject(with: index) as? [String: Any])
            let shard = try #require((map["weight_map"] as? [String: String])?[key])
            let file = "\(model)/transformer/\(shard)"
            let sound = try Data(contentsOf: URL(filePath: file))

            try ModelFixture.edit(file) { $0[key] = try $0[key]?.transposed(0, 1) }
            try expectRefusal([], says: "\(shard): \(key): expected F32", model: model, in: folder)

            try sound.write(to: URL(filePath: file))
            try ModelFixture.edit(file) { $0["surplus"] = try Tensor.zeros([1]) }
            try expectRefusal([], says: "\(shard): surplus: expected what the index lists", model: model, in: folder)

            try FileManager.default.removeItem(atPath: file)
            try expectRefusal([], says: "\(shard): No such file or directory", model: model, in: folder)

            try sound.write(to: URL(filePath: file))
            let autoencoder = "\(model)/vae/diffusion_pytorch_model.safetensors"
            try ModelFixture.edit(autoencoder) { $0["decoder.surplus"] = try Tensor.zeros([1]) }
            try expectRefusal(
                [], says: "decoder.surplus: this model has no such weight: one key too many", model: model, in: folder)
        }
    }

    @Test func aFolderThatIsNoModelIsNamed() throws {
        try withFolder { folder in
            try expectRefusal([], says: "absent: there is no such folder", model: "absent", in: folder)
            try expectRefusal([], says: "transformer/config.json: No such file", model: folder.path, in: folder)
            let model = try ModelFixture.copy(into: folder)
            try Data(#"{"_class_name": "FluxPipeline"}"#.utf8).write(to: URL(filePath: "\(model)/model_index.json"))
            try expectRefusal(
                [], says: "_class_name: is FluxPipeline, expected MochiPipeline", model: model, in: folder)
        }
    }

    /// Claims of a file that would overflow or take for ever.
    @Test(arguments: [
        ("blocks.9223372036854775807.x", [0], "x_embedder.proj.weight: there is no such tensor"),
        ("blocks.2000000000.x", [0], "x_embedder.proj.weight: there is no such tensor"),
        ("x_embedder.proj.weight", [0, 1 << 40, 2, 2], "x_embedder.proj.weight: no weight is of the shape"),
    ])
    func impossibleOriginalFilesAreRefused(key: String, shape: [Int], says: String) throws {
        try withFolder { folder in
            let model = try ModelFixture.copy(into: folder)
            try FileManager.default.removeItem(atPath: model + "/transformer")
            try Tensor.save([key: Tensor.empty(shape)], to: model + "/dit.safetensors")
            try expectRefusal([], says: says, model: model, in: folder)
        }
    }

    @Test func anotherScheduleIsRefused() throws {
        try withFolder { folder in
            let model = try ModelFixture.copy(into: folder)
            let file = URL(filePath: "\(model)/scheduler/scheduler_config.json")
            for (json, says) in [
                (#"{"_class_name": "DDIMScheduler", "invert_sigmas": true}"#, "_class_name: is DDIMScheduler"),
                ("{}", "invert_sigmas: is not true"),
                (#"{"invert_sigmas": true, "shift": 3}"#, "shift: is 3.0, expected 1"),
                (#"{"invert_sigmas": true, "use_dynamic_shifting": true}"#, "use_dynamic_shifting: is true"),
            ] {
                try Data(json.utf8).write(to: file)
                try expectRefusal([], says: says, model: model, in: folder)
            }
        }
    }

    /// A weight that is no number is found at the first step, which is no wrong input of this run's making.
    @Test func aValueThatIsNotFiniteNamesItsStep() throws {
        try withFolder { folder in
            let model = try ModelFixture.copy(into: folder)
            let names = try FileManager.default.contentsOfDirectory(atPath: "\(model)/transformer")
            for name in names where name.hasSuffix(".safetensors") {
                try ModelFixture.edit("\(model)/transformer/\(name)") { tensors in
                    if let bias = tensors["proj_out.bias"] {
                        tensors["proj_out.bias"] = try Tensor.full(bias.shape, .nan)
                    }
                }
            }
            try expectRefusal(
                [], says: "Error: the velocity is not finite at step 0", model: model, status: 1, in: folder)
        }
    }
}
