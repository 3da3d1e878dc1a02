// Asks a farm over HTTP at a given pace, and listens to its events: one thread, one epoll, so that what is measured is
// the farm and not who asks it. Driven by `ops/bench-http` through lines on standard input, answered by lines of JSON:
//
//   HTTPLoad PORT TOKEN ADDRESS…
//   listen COUNT          opens streams of events     {"listening": 1000}
//   read RATE SECONDS     asks so often a second      {"answers": …, "errors": …, "p50": …, "p99": …, "cpu": …, …}
//   hear                  what came since the last    {"listening": …, "lost": …, "events": …, "delay99": …}
import Glibc

func say(_ line: String, to file: Int32 = STDOUT_FILENO) {
    let bytes = Array("\(line)\n".utf8)
    write(file, bytes, bytes.count)
}

func fail(_ reason: String) -> Never {
    say("HTTPLoad: \(reason)", to: STDERR_FILENO)
    exit(2)
}

signal(SIGPIPE, SIG_IGN)
let arguments = CommandLine.arguments
guard arguments.count > 3, let port = UInt16(arguments[1]) else { fail("expected: HTTPLoad PORT TOKEN ADDRESS…") }
let load = try Load(port: port, token: arguments[2], addresses: Array(arguments[3...]))
while let words = load.command()?.split(separator: " ") {
    switch (words.first, words.dropFirst().compactMap { Double($0) }) {
    case ("listen", let numbers) where numbers.count == 1: say(try load.listen(Int(numbers[0])))
    case ("read", let numbers) where numbers.count == 2: say(try load.read(perSecond: numbers[0], for: numbers[1]).json)
    case ("hear", _): say(load.heard())
    default: fail("what is '\(words.joined(separator: " "))'?")
    }
}
