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
        let page = try Self.hidden(url)
        let opener = Process()
        opener.executableURL = URL(filePath: "/usr/bin/env")
        opener.arguments = ["xdg-open", page.file.absoluteString]
        (opener.standardOutput, opener.standardError) = (FileHandle.nullDevice, FileHandle.nullDevice)
        do { try opener.run() } catch {
            page.folder.remove()
            throw WrongInput("--open: xdg-open can't be started: \(error)")
        }
        opener.waitUntilExit()
        // A browser that is only starting reads the page later: it stays for the next one to remove, and its link is
        // used up by then.
        guard opener.terminationStatus == 0 else {
            page.folder.remove()
            throw WrongInput("--open: this machine opens no browser; the link lets any browser in that reaches it")
        }
    }

    /// A page that sends a browser on to the link. Every user of the machine sees what a program is started with; a
    /// file can be kept from them.
    private static func hidden(_ url: String) throws -> (folder: ScratchFolder, file: URL) {
        let runtime = ProcessInfo.processInfo.environment["XDG_RUNTIME_DIR"] ?? ""
        let isThere = runtime.hasPrefix("/") && FileManager.default.isWritableFile(atPath: runtime)
        let folder = try ScratchFolder(
            in: isThere ? runtime : FileManager.default.temporaryDirectory.path, kind: "storyfarm-dashboard")
        let file = URL(filePath: "\(folder.path)/open.html")
        let address = url.replacing("&", with: "&amp;").replacing("\"", with: "&quot;")
        let text = "<!DOCTYPE html><meta http-equiv=\"refresh\" content=\"0; url=\(address)\">\n"
        guard
            FileManager.default.createFile(
                atPath: file.path, contents: Data(text.utf8), attributes: [.posixPermissions: 0o600])
        else { throw WrongInput("--open: \(file.path) can't be written") }
        return (folder, file)
    }
}
