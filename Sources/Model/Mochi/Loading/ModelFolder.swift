import CXXHash
import FoundationEssentials
import Safetensors
public import Torch

/// The folder of a model: which of its files hold which component.
///
/// Two layouts: the published folder of diffusers (`transformer/ vae/ text_encoder/ tokenizer/`, single files or shards
/// with an index, also of a variant such as `bf16`), and the authors' original files (`dit.safetensors`,
/// `decoder.safetensors`) beside `text_encoder/` and `tokenizer/`.
public struct ModelFolder: Sendable {
    public let path: String

    /// - Throws: `ModelFolderError` if there is no such folder, or if it says that it holds another kind of model.
    public init(_ path: String) throws(ModelFolderError) {
        self.path = path
        var isDirectory = false
        guard FileManager.default.fileExists(atPath: path, isDirectory: &isDirectory) else {
            throw ModelFolderError(file: path, reason: "there is no such folder")
        }
        guard isDirectory else { throw ModelFolderError(file: path, reason: "is a file, not a model's folder") }
        try requireMochi()
        try requireScheduler()
    }

    /// What the model's makers say of it beside its configurations; nil where they say nothing.
    public var settingsFile: String? {
        let file = "\(path)/storyfarm.json"
        return exists(file) ? file : nil
    }

    /// The part of that which the networks need.
    public func settings() throws(ModelFolderError) -> ModelSettings {
        try settingsFile.map { (file) throws(ModelFolderError) in try ModelSettings(contentsOf: file) }
            ?? ModelSettings()
    }

    /// Where the model's CLIP is; nil where it has none.
    public var clip: String? { exists("\(path)/clip") ? "\(path)/clip" : nil }

    /// What tells this model from others: of all weights' samples, configurations and the tokenizer; of its CLIP's,
    /// too, where it has one.
    ///
    /// Takes milliseconds, as the weights are not read in full; no protection against forgery.
    public func fingerprint() throws(MochiError) -> String {
        var parts = [
            try published("text_encoder", name: "model", dtype: nil).fingerprint,
            try transformerFiles(dtype: nil).archive.fingerprint, try decoderFiles(dtype: nil).archive.fingerprint,
        ]
        // One that can't be read is no reason to refuse what may do without.
        if clip != nil { parts.append((try? published("clip", name: "model", dtype: nil).fingerprint) ?? 0) }
        let files = [
            "text_encoder/config.json", "transformer/config.json", "vae/config.json", "tokenizer/spiece.model",
            "clip/config.json",
        ]
        for file in files {
            parts.append(checksum(FileManager.default.contents(atPath: "\(path)/\(file)") ?? Data()))
        }
        let digest = checksum(Data(parts.flatMap { part in withUnsafeBytes(of: part.littleEndian) { Array($0) } }))
        let digits = String(digest, radix: 16)
        return String(repeating: "0", count: 16 - digits.count) + digits
    }

    /// What transformer and decoder compute in: "fp32" or "bf16".
    public func precision(dtype: DType?) throws(MochiError) -> String {
        if let dtype { return dtype == .bfloat16 ? "bf16" : "fp32" }
        let entries = try transformerFiles(dtype: nil).archive.files.flatMap { $0.header.entries.values }
        return entries.contains { $0.elementType == .bfloat16 } ? "bf16" : "fp32"
    }

    private func checksum(_ data: Data) -> UInt64 {
        data.withUnsafeBytes { XXH3_64bits($0.baseAddress, $0.count) }
    }

    // MARK: Components

    /// How the model's latents relate to a video, from its configurations alone.
    public func geometry() throws(MochiError) -> VideoGeometry {
        VideoGeometry(try transformerFiles(dtype: nil).configuration, try decoderFiles(dtype: nil).configuration)
    }

    /// Turns prompts into what the text encoder takes.
    public func promptTokenizer() throws(MochiError) -> PromptTokenizer {
        let length = try transformerFiles(dtype: nil).configuration.textLength
        do throws(T5TokenizerError) {
            return PromptTokenizer(try T5Tokenizer(path: "\(path)/tokenizer/spiece.model"), length: length)
        } catch {
            throw .tokenizer(error)
        }
    }

    func transformer(
        dtype: DType?, device: Device, backend: AttentionBackend
    ) throws(MochiError) -> (MochiTransformer, ComponentReport) {
        let files = try transformerFiles(dtype: dtype)
        let weights = Weights(files.archive, dtype: dtype, device: device, layout: files.layout)
        return try loaded("transformer", files.archive, weights) { () throws(LoadError) in
            try MochiTransformer(files.configuration, backend: backend, weights: weights.root)
        }
    }

    func decoder(dtype: DType?, device: Device) throws(MochiError) -> (VAEDecoder, ComponentReport) {
        let files = try decoderFiles(dtype: dtype)
        let weights = Weights(files.archive, dtype: dtype, device: device, layout: files.layout)
        return try loaded("VAE decoder", files.archive, weights, ignoring: ["encoder."]) { () throws(LoadError) in
            try VAEDecoder(files.configuration, weights: weights.root)
        }
    }

    /// What the other half of the autoencoder consists of, which rendering from text does not need; nil where the
    /// folder has none.
    public func encoderReport() throws(MochiError) -> ComponentReport? { try encoder(dtype: nil, device: .cpu)?.1 }

    /// The other half of the autoencoder; nil where the folder has none.
    func encoder(dtype: DType?, device: Device) throws(MochiError) -> (VAEEncoder, ComponentReport)? {
        guard exists("\(path)/vae") else { return nil }
        let (archive, configuration) = try autoencoder(dtype: dtype)
        guard archive.keys.contains(where: { $0.hasPrefix("encoder.") }) else { return nil }
        let weights = Weights(archive, dtype: dtype, device: device)
        return try loaded("VAE encoder", archive, weights, ignoring: ["decoder."]) { () throws(LoadError) in
            try VAEEncoder(configuration, weights: weights.root)
        }
    }

    func textEncoder(dtype: DType?, device: Device) throws(MochiError) -> (T5Encoder, ComponentReport) {
        let configuration = try folderError { () throws(ModelFolderError) in
            try T5Configuration(contentsOf: "\(path)/text_encoder/config.json")
        }
        let archive = try published("text_encoder", name: "model", dtype: dtype)
        // The table of embeddings has two names; writers store it under one of them, or under both.
        let (name, alias) = ("shared.weight", "encoder.embed_tokens.weight")
        let stored = archive.keys.contains(name) ? name : alias
        let weights = Weights(archive, dtype: dtype, device: device) { StoredWeight(key: $0 == name ? stored : $0) }
        return try loaded("text encoder", archive, weights, ignoring: [alias]) { () throws(LoadError) in
            try T5Encoder(configuration, weights: weights.root)
        }
    }

    // MARK: Files

    /// A component's sizes, where its weights are, and how they are named there.
    private struct Files<Configuration> {
        let configuration: Configuration
        let archive: SafetensorsArchive
        /// Nil for the published names.
        let layout: (@Sendable (String) -> StoredWeight)?
    }

    private func transformerFiles(dtype: DType?) throws(MochiError) -> Files<TransformerConfiguration> {
        let original = "\(path)/dit.safetensors"
        guard exists(original), !exists("\(path)/transformer") else {
            let configuration = try folderError { () throws(ModelFolderError) in
                try TransformerConfiguration(contentsOf: "\(path)/transformer/config.json")
            }
            let archive = try published("transformer", name: "diffusion_pytorch_model", dtype: dtype)
            return Files(configuration: configuration, archive: archive, layout: nil)
        }
        let file = try self.file(original)
        let configuration = try folderError { () throws(ModelFolderError) in
            try OriginalTransformerLayout.configuration(of: file)
        }
        return Files(
            configuration: configuration, archive: SafetensorsArchive(file: file),
            layout: { OriginalTransformerLayout.place(of: $0) })
    }

    private func decoderFiles(dtype: DType?) throws(MochiError) -> Files<VAEConfiguration> {
        let original = "\(path)/decoder.safetensors"
        guard exists(original), !exists("\(path)/vae") else {
            let (archive, configuration) = try autoencoder(dtype: dtype)
            return Files(configuration: configuration, archive: archive, layout: nil)
        }
        let file = try self.file(original)
        let configuration = try folderError { () throws(ModelFolderError) in
            try OriginalDecoderLayout.configuration(of: file)
        }
        let stages = configuration.temporalExpansions.count
        return Files(
            configuration: configuration, archive: SafetensorsArchive(file: file),
            layout: { OriginalDecoderLayout.place(of: $0, stages: stages) })
    }

    private func autoencoder(dtype: DType?) throws(MochiError) -> (SafetensorsArchive, VAEConfiguration) {
        let configuration = try folderError { () throws(ModelFolderError) in
            try VAEConfiguration(contentsOf: "\(path)/vae/config.json")
        }
        return (try published("vae", name: "diffusion_pytorch_model", dtype: dtype), configuration)
    }

    /// The archive of a component: the plain one, or a variant that is the only one or needs no conversion.
    private func published(_ component: String, name: String, dtype: DType?) throws(MochiError) -> SafetensorsArchive {
        let folder = "\(path)/\(component)"
        var variants: [String?] = [nil, "bf16", "fp16"]
        if dtype == .bfloat16 { variants = ["bf16", nil, "fp16"] }
        let present = variants.first { SafetensorsArchive.exists(folder: folder, name: name, variant: $0) }
        do throws(SafetensorsError) {
            return try SafetensorsArchive(folder: folder, name: name, variant: present ?? nil)
        } catch {
            throw .weights(.file(error))
        }
    }

    private func file(_ path: String) throws(MochiError) -> SafetensorsFile {
        do throws(SafetensorsError) { return try SafetensorsFile(path: path) } catch { throw .weights(.file(error)) }
    }

    private func exists(_ path: String) -> Bool { FileManager.default.fileExists(atPath: path) }

    private func folderError<Value>(
        _ body: () throws(ModelFolderError) -> Value
    ) throws(MochiError) -> Value {
        do throws(ModelFolderError) { return try body() } catch { throw .folder(error) }
    }

    private func loaded<Network>(
        _ name: String, _ archive: SafetensorsArchive, _ weights: Weights, ignoring prefixes: [String] = [],
        _ make: () throws(LoadError) -> Network
    ) throws(MochiError) -> (Network, ComponentReport) {
        do throws(LoadError) {
            let network = try make()
            try weights.requireAllTaken(ignoring: prefixes)
            return (network, ComponentReport(name: name, archive: archive, weights: weights))
        } catch {
            throw .weights(error)
        }
    }

    // MARK: What the folder says of itself

    private func requireMochi() throws(ModelFolderError) {
        let file = "\(path)/model_index.json"
        guard exists(file) else { return }
        let index: PipelineIndex = try decoded(file)
        guard index.kind == "MochiPipeline" else {
            throw ModelFolderError(file: file, key: "_class_name", reason: "is \(index.kind), expected MochiPipeline")
        }
    }

    /// The schedule is fixed; a folder that asks for another one would be rendered wrongly.
    private func requireScheduler() throws(ModelFolderError) {
        let file = "\(path)/scheduler/scheduler_config.json"
        guard exists(file) else { return }
        let scheduler: SchedulerConfiguration = try decoded(file)
        if let (key, reason) = scheduler.problem { throw ModelFolderError(file: file, key: key, reason: reason) }
    }

    private func decoded<Value: Decodable>(_ file: String) throws(ModelFolderError) -> Value {
        let json = try ModelFolderError.read(file)
        do { return try JSONDecoder().decode(Value.self, from: json) } catch { throw ModelFolderError(error, in: file) }
    }
}

private struct PipelineIndex: Decodable {
    let kind: String
    enum CodingKeys: String, CodingKey { case kind = "_class_name" }
}

/// What of diffusers' `FlowMatchEulerDiscreteScheduler` has to be as Mochi-1's is.
private struct SchedulerConfiguration: Decodable {
    let kind: String?
    let isInverted, isDynamic, isKarras, isExponential, isBeta, isStochastic: Bool?
    let shift, terminalShift: Double?

    enum CodingKeys: String, CodingKey {
        case kind = "_class_name"
        case isInverted = "invert_sigmas"
        case isDynamic = "use_dynamic_shifting"
        case isKarras = "use_karras_sigmas"
        case isExponential = "use_exponential_sigmas"
        case isBeta = "use_beta_sigmas"
        case isStochastic = "stochastic_sampling"
        case shift
        case terminalShift = "shift_terminal"
    }

    var problem: (key: String, reason: String)? {
        let name = "FlowMatchEulerDiscreteScheduler"
        if let kind, kind != name { return (CodingKeys.kind.rawValue, "is \(kind), expected \(name)") }
        guard isInverted == true else { return (CodingKeys.isInverted.rawValue, "is not true, as Mochi-1's is") }
        let switches: [(CodingKeys, Bool?)] = [
            (.isDynamic, isDynamic), (.isKarras, isKarras), (.isExponential, isExponential), (.isBeta, isBeta),
            (.isStochastic, isStochastic),
        ]
        for (key, value) in switches where value == true { return (key.rawValue, "is true, expected false") }
        if let shift, shift != 1 { return (CodingKeys.shift.rawValue, "is \(shift), expected 1") }
        if terminalShift != nil { return (CodingKeys.terminalShift.rawValue, "is given, expected none") }
        return nil
    }
}
