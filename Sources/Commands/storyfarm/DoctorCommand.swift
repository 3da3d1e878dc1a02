import ArgumentParser
import Media
import Transport
import Wire

/// Says whether this machine can be a head node: its libraries and its video encoder.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks the libraries of this machine.")

    func run() throws {
        print("libzmq       \(Context.libraryVersion)\(CurveKeyPair.isAvailable ? ", CURVE" : "")")
        print("protobuf-c   \(WireLibrary.version)")
        print("libavcodec   \(MediaLibrary.version), \(MediaLibrary.encoder)")
    }
}
