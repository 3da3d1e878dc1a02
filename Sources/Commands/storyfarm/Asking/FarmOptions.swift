import ArgumentParser
import Console
import Control
import FarmClient
import Foundation

/// Which farm is asked, and in which form its answers are shown.
struct FarmOptions: ParsableArguments {
    @OptionGroup
    var address: FarmAddress
    @Flag(help: "JSON for programs.")
    var json = false

    var farm: String { address.farm }

    /// Asks the farm; what goes wrong ends the program with a line and a status of its own.
    func ask<Answer>(_ question: (FarmClient) async throws -> Answer) async throws -> Answer {
        try await address.ask(question)
    }

    static func ending(_ error: FarmClientError) -> any Error {
        switch error {
        case .refused(.notFound), .refused(.invalid): WrongInput(error.description.printable)
        case .notReached: NotReached(error.description.printable)
        case .cancelled: CancellationError()
        case .refused, .unintelligible, .file: error
        }
    }

    /// Prints a form for programs, or lines for people.
    func show(_ form: some Encodable, _ lines: @autoclosure () -> [String]) throws {
        if json { try Self.printJSON(form) } else { for line in lines() { print(line) } }
    }

    static func printJSON(_ form: some Encodable, onOneLine: Bool = false) throws {
        let encoder = JSONEncoder()
        encoder.outputFormatting = [.sortedKeys, .withoutEscapingSlashes]
        if !onOneLine { encoder.outputFormatting.insert(.prettyPrinted) }
        print(String(decoding: try encoder.encode(form), as: UTF8.self))
    }
}

/// What a command without an answer of its own says to programs.
struct Commanded: Encodable {
    let story: UInt64
    let command: String
}
