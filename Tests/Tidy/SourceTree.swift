import Foundation

/// One text file of the repository.
struct SourceFile: CustomStringConvertible {
    /// Relative to the repository's root.
    let path: String
    let text: String

    var description: String { path }
    var name: String { path.split(separator: "/").last.map(String.init) ?? path }
    var lines: [Substring] { text.split(separator: "\n", omittingEmptySubsequences: false) }
    var isSwift: Bool { path.hasSuffix(".swift") }
    /// Written by a tool; regenerated and compared in `ops/test`.
    var isGenerated: Bool { path.contains(".pb-c.") }
}

/// The files that git tracks or would track, so that build products and downloads never count.
enum SourceTree {
    static let root = URL(filePath: #filePath).deletingLastPathComponent().deletingLastPathComponent()
        .deletingLastPathComponent()

    static let files: [SourceFile] = {
        let listing = Process()
        listing.executableURL = URL(filePath: "/usr/bin/env")
        listing.arguments = ["git", "-C", root.path, "ls-files", "-z", "--cached", "--others", "--exclude-standard"]
        let output = Pipe()
        listing.standardOutput = output
        guard (try? listing.run()) != nil else { return [] }
        let names = output.fileHandleForReading.readDataToEndOfFile()
        listing.waitUntilExit()
        return names.split(separator: 0).compactMap { name in
            let path = String(decoding: name, as: UTF8.self)
            guard let data = FileManager.default.contents(atPath: root.path + "/" + path),
                let text = String(data: data, encoding: .utf8)
            else { return nil }  // Deleted but not committed yet, or binary.
            return SourceFile(path: path, text: text)
        }
    }()

    static var swift: [SourceFile] { files.filter(\.isSwift) }
    static var code: [SourceFile] {
        files.filter { file in
            !file.isGenerated && [".swift", ".cpp", ".c", ".h", ".py"].contains { file.path.hasSuffix($0) }
        }
    }
}
