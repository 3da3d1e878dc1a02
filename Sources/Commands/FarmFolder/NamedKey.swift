import Console
import Foundation
public import Transport

/// A public key as people name it: a file that has it, or its text.
public enum NamedKey {
    /// A file is looked for first: a path of 40 characters can be a key by its looks.
    ///
    /// - Returns: nil where it is neither.
    /// - Throws: `WrongInput` where it is a file without a key.
    public static func key(_ text: String) throws -> CurvePublicKey? {
        guard isFile(text) else { return CurvePublicKey(z85: text) }
        if text.hasSuffix(".key") {
            do { return try CurveKeyPair(contentsOf: text).publicKey } catch { throw WrongInput("\(error)") }
        }
        guard let bytes = FileManager.default.contents(atPath: text) else { throw WrongInput("\(text) can't be read") }
        let content = String(decoding: bytes, as: UTF8.self).trimmingCharacters(in: .whitespacesAndNewlines)
        guard let key = CurvePublicKey(z85: content) else {
            throw WrongInput("\(text) holds no key: expected 40 characters (Z85), as in coordinator.pub")
        }
        return key
    }

    /// Whether it is the name of a file, and not a key's text.
    public static func isFile(_ text: String) -> Bool {
        var isFolder: ObjCBool = false
        return FileManager.default.fileExists(atPath: text, isDirectory: &isFolder) && !isFolder.boolValue
    }
}
