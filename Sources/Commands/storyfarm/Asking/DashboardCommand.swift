import ArgumentParser
import Console
import Control
import FarmClient
import Foundation

/// Lets a browser in.
struct DashboardCommand: AsyncParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "dashboard",
        abstract: "Prints a link to the farm's page that lets a browser in.",
        discussion: """
            The link works once and for two minutes; afterwards the browser has a session of twelve hours. What lets \
            it in stands behind the #, which browsers keep for themselves.
            """)

    @Flag(help: "Open it in this desktop's browser.")
    var open = false
    @OptionGroup(title: "Farm")
    var options: FarmOptions

    private struct Link: Encodable {
        let url: String
    }

    func run() async throws {
        let url = try await options.ask { client in try await client.pageLink() }
        try options.show(Link(url: url), [url])
        if open { try openBrowser(at: url) }
    }

    private func openBrowser(at url: String) throws {
        let opener = Process()
        opener.executableURL = URL(filePath: "/usr/bin/env")
        opener.arguments = ["xdg-open", url]
        (opener.standardOutput, opener.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        do { try opener.run() } catch { throw WrongInput("--open: xdg-open can't be started: \(error)") }
        opener.waitUntilExit()
        guard opener.terminationStatus == 0 else {
            throw WrongInput("--open: this machine opens no browser; the link lets any browser in that reaches it")
        }
    }
}
