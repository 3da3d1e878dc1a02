import ArgumentParser
import Console
import Foundation
import Mochi
import Torch

/// Checks a model folder and says what is in it.
struct ModelCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "model",
        abstract: "Checks a model folder: every file, name, shape and type; prints parameters and memory.",
        discussion: """
            Reads the published layout (transformer/ vae/ text_encoder/ tokenizer/, and clip/ where there is one) or \
            the original files (dit.safetensors, decoder.safetensors). Weights are mapped, not read, so that also the \
            largest model takes seconds. --published needs no folder: it builds the published Mochi-1 without weights.
            """)

    @Argument(help: "The model's folder.")
    var folder: String?
    @Flag(help: "The published Mochi-1, from its configuration alone.")
    var published = false
    @Flag(help: "JSON instead of a table.")
    var json = false

    func run() throws {
        _ = try Runtime.start()
        let inventory: ModelInventory
        switch (folder, published) {
        case (nil, true): inventory = try ModelInventory.published()
        case (let folder?, false): inventory = try judged { try ModelInventory(of: folder) }
        default: throw WrongInput("expected a model's folder or --published")
        }
        print(json ? try inventory.json() : inventory.table())
    }
}
