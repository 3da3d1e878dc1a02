import Console
import Foundation

/// Where a video is to be written, judged before anything is asked or rendered for it.
enum VideoOutput {
    /// - Throws: `WrongInput` naming the option.
    static func check(_ path: String) throws {
        guard path.hasSuffix(".mp4") else { throw WrongInput("--output is \(path), expected a name in .mp4") }
        var isFolder: ObjCBool = false
        if FileManager.default.fileExists(atPath: path, isDirectory: &isFolder), isFolder.boolValue {
            throw WrongInput("--output \(path) is a folder, expected the name of a file")
        }
        let folder = URL(fileURLWithPath: path).deletingLastPathComponent().path
        guard FileManager.default.fileExists(atPath: folder) else {
            throw WrongInput("--output \(path): there is no folder \(folder)")
        }
        guard FileManager.default.isWritableFile(atPath: folder) else {
            throw WrongInput("--output \(path): its folder can't be written")
        }
    }
}
