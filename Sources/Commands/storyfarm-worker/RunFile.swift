import Console
import Foundation
import Glibc

/// A file that a run reads or writes: whatever can be known about it before hours of work.
struct RunFile {
    enum Use {
        case read, written
        /// Files are written into it.
        case folder
    }

    /// As a person knows it: "--output", "the contact sheet".
    let name: String
    let path: String
    let use: Use

    /// - Throws: `WrongInput` naming the file.
    func requireUsable() throws {
        switch use {
        case .read: break
        case .written: try requireWritable()
        case .folder: try requireFolder()
        }
    }

    static func requireVideoName(_ output: String) throws {
        guard output.hasSuffix(".mp4"), output != ".mp4", !output.hasSuffix("/.mp4") else {
            throw WrongInput("--output is \(output), expected a name in .mp4")
        }
    }

    private func requireWritable() throws {
        guard !path.isEmpty, !path.hasSuffix("/") else {
            throw WrongInput("\(name) is '\(path)', expected the name of a file")
        }
        var status = stat()
        if stat(path, &status) == 0, status.st_mode & S_IFMT != S_IFREG {
            throw WrongInput("\(name) is \(path), which is no regular file")
        }
        let folder = URL(filePath: path).resolvingSymlinksInPath().deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw WrongInput("\(name) is \(path), but nothing can be written into \(folder)")
        }
    }

    private func requireFolder() throws {
        var status = stat()
        guard !path.isEmpty, stat(path, &status) != 0 || status.st_mode & S_IFMT == S_IFDIR else {
            throw WrongInput("\(name) is '\(path)', expected a folder")
        }
        let exists = FileManager.default.fileExists(atPath: path)
        let folder = exists ? path : URL(filePath: path).deletingLastPathComponent().path
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw WrongInput("\(name) is \(path), but nothing can be written into \(folder)")
        }
    }

    /// Two names may not mean one file, but a run may keep its state where it is continued from.
    static func requireDifferent(_ files: [RunFile]) throws {
        var owner: [String: String] = [:]
        for file in files {
            guard let other = owner.updateValue(file.name, forKey: place(file.path)) else { continue }
            guard other != "--checkpoint" || file.name != "--resume" else { continue }
            throw WrongInput("\(other) and \(file.name) are the same file, \(file.path)")
        }
    }

    /// The same for every spelling of a path.
    static func place(_ path: String) -> String {
        URL(filePath: path).standardizedFileURL.resolvingSymlinksInPath().path
    }
}
