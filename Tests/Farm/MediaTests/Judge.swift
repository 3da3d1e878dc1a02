import Foundation
import Media

/// Debian's `ffprobe` and `ffmpeg`: programs of their own that say what a written file holds.
enum Judge {
    struct Failure: Error, CustomStringConvertible {
        let description: String
    }

    /// Runs a tool for at most 60 s and returns its standard output. A missing tool is a failure, not a skipped test.
    static func run(_ tool: String, _ arguments: [String]) throws -> Data {
        let executable = "/usr/bin/\(tool)"
        guard FileManager.default.isExecutableFile(atPath: executable) else {
            throw Failure(description: "\(executable) is missing: install Debian's package ffmpeg")
        }
        let process = Process()
        // coreutils' timeout ends a tool that hangs, so that the read below ends too.
        process.executableURL = URL(fileURLWithPath: "/usr/bin/timeout")
        process.arguments = ["--kill-after=5", "60", executable, "-v", "error"] + arguments
        process.standardInput = FileHandle.nullDevice
        let output = Pipe()
        process.standardOutput = output
        try process.run()
        let data = output.fileHandleForReading.readDataToEndOfFile()
        process.waitUntilExit()
        guard process.terminationStatus == 0 else {
            throw Failure(description: "\(tool) \(arguments) ended with \(process.terminationStatus)")
        }
        return data
    }

    static func probe<Answer: Decodable>(_ path: String, _ arguments: [String]) throws -> Answer {
        let data = try run("ffprobe", arguments + ["-of", "json", path])
        let decoder = JSONDecoder()
        decoder.keyDecodingStrategy = .convertFromSnakeCase
        return try decoder.decode(Answer.self, from: data)
    }

    struct Stream: Decodable {
        let codecName: String
        let profile: String
        let width: Int
        let height: Int
        let pixFmt: String
        let rFrameRate: String
        let avgFrameRate: String
        let timeBase: String
        let nbFrames: String
        let nbReadFrames: String
        let durationTs: Int
        let startPts: Int
        let hasBFrames: Int
        let colorRange: String
        let colorSpace: String
        let colorTransfer: String
        let colorPrimaries: String
        let chromaLocation: String
    }

    /// The video track, with `nbReadFrames` counted by decoding it.
    static func stream(_ path: String) throws -> Stream {
        struct Answer: Decodable { let streams: [Stream] }
        let answer: Answer = try probe(path, ["-select_streams", "v", "-count_frames", "-show_streams"])
        guard answer.streams.count == 1 else { throw Failure(description: "\(answer.streams.count) video tracks") }
        return answer.streams[0]
    }

    struct Packet: Decodable {
        let pts: Int
        let dts: Int
        let duration: Int
        let flags: String
        let dataHash: String
        var isKey: Bool { flags.hasPrefix("K") }
    }

    static func packets(_ path: String) throws -> [Packet] {
        struct Answer: Decodable { let packets: [Packet] }
        let answer: Answer = try probe(path, ["-select_streams", "v", "-show_packets", "-show_data_hash", "sha256"])
        return answer.packets
    }

    /// `ptsTime` of every decoded frame, in seconds with six digits, as a player sees it.
    static func frameTimes(_ path: String) throws -> [String] {
        struct Frame: Decodable { let ptsTime: String }
        struct Answer: Decodable { let frames: [Frame] }
        let answer: Answer = try probe(path, ["-select_streams", "v", "-show_frames"])
        return answer.frames.map(\.ptsTime)
    }

    struct Chapter: Decodable {
        let timeBase: String
        let start: Int
        let end: Int
        let tags: [String: String]?
        var title: String? { tags?["title"] }
    }

    static func chapters(_ path: String) throws -> [Chapter] {
        struct Answer: Decodable { let chapters: [Chapter] }
        let answer: Answer = try probe(path, ["-show_chapters"])
        return answer.chapters
    }

    static func tags(_ path: String) throws -> [String: String] {
        struct Format: Decodable { let tags: [String: String]? }
        struct Answer: Decodable { let format: Format }
        let answer: Answer = try probe(path, ["-show_format"])
        return answer.format.tags ?? [:]
    }

    /// The hash of every decoded frame, in the order shown.
    static func frameHashes(_ path: String) throws -> [String] {
        let text = try run("ffmpeg", ["-i", path, "-map", "0:v", "-f", "framemd5", "pipe:1"])
        return String(decoding: text, as: UTF8.self).split(separator: "\n").filter { !$0.hasPrefix("#") }
            .compactMap { $0.split(separator: ",").last.map { $0.trimmingCharacters(in: .whitespaces) } }
    }

    /// All frames decoded to RGB one after the other, by ffmpeg's own reading of the file's colour tags.
    ///
    /// - Parameter isImage: ffmpeg takes chroma to lie between the columns, as in JPEG; in H.264 it lies on the left.
    static func rgb(_ path: String, isImage: Bool = false) throws -> [UInt8] {
        let siting = isImage ? "" : ":in_h_chr_pos=0:in_v_chr_pos=128"
        let filter = ["-vf", "scale=flags=accurate_rnd+full_chroma_int+bicubic\(siting)"]
        let output = ["-map", "0:v", "-pix_fmt", "rgb24", "-f", "rawvideo", "pipe:1"]
        return try [UInt8](run("ffmpeg", ["-i", path] + filter + output))
    }

    /// The names of the file's outermost boxes in order.
    static func boxes(_ path: String) throws -> [String] {
        let data = try [UInt8](bytes(of: path))
        var (names, offset): ([String], Int) = ([], 0)
        while offset + 8 <= data.count {
            names.append(String(decoding: data[offset + 4..<offset + 8], as: UTF8.self))
            let size = data[offset..<offset + 4].reduce(0) { $0 << 8 | Int($1) }
            guard size >= 8 else { throw Failure(description: "a box of \(size) bytes") }
            offset += size
        }
        return names
    }
}
