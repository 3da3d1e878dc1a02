import Foundation
import Glibc

/// Ties this process to the one that started it: when standard input closes, it is asked to stop, as by SIGTERM.
///
/// A pipe's end closes with its process however that ends, also by a crash or SIGKILL.
public enum Leash {
    /// How long it may take to stop by itself.
    private static let patience: UInt32 = 3

    public static func hold() {
        let thread = Thread {
            var byte: UInt8 = 0
            while true {
                let count = read(STDIN_FILENO, &byte, 1)
                if count == 0 || (count < 0 && errno != EINTR) { break }
            }
            kill(getpid(), SIGTERM)
            Glibc.sleep(patience)
            _exit(CommandExit.terminated)
        }
        thread.name = "leash"
        thread.start()
    }
}
