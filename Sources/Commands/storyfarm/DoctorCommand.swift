import ArgumentParser
import Media
import Transport
import Wire

/// Says whether this machine can be a head node: its libraries and its video encoder.
struct DoctorCommand: ParsableCommand {
    static let configuration = CommandConfiguration(
        commandName: "doctor", abstract: "Checks the libraries of this machine.")

    func run() throws {
        print("libzmq       \(TransportLibrary.version)")
        print("protobuf-c   \(WireLibrary.version)")
        print("libavcodec   \(MediaLibrary.version)")
        try TransportLibrary.requireCurve()
        try MediaLibrary.requireEncoder()
        print("encryption (CURVE) and video encoding (\(MediaLibrary.encoderName)) are there")
    }
}
