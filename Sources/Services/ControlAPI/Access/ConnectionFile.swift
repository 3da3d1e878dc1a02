import Control
import DurableFile
import Foundation

/// `farm.json`: how this machine's programs find the farm.
enum ConnectionFile {
    static func write(_ connection: FarmConnection, to path: String) throws(ControlAPIError) {
        do {
            let encoder = JSONEncoder()
            encoder.outputFormatting = [.prettyPrinted, .sortedKeys, .withoutEscapingSlashes]
            try PartialFile.write([UInt8](encoder.encode(connection)) + [0x0A], to: path, mode: 0o600)
        } catch let error as FileError {
            throw .file(path: path, reason: error.reason)
        } catch {
            throw .file(path: path, reason: "\(error)")
        }
    }

    /// A file that outlives its farm would send tokens to whoever gets the port next; a later farm's stays.
    static func remove(_ path: String, ifHolding connection: FarmConnection) {
        guard let bytes = FileManager.default.contents(atPath: path),
            let held = try? JSONDecoder().decode(FarmConnection.self, from: bytes), held == connection
        else { return }
        unlink(path)
    }
}
