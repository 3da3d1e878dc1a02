import Glibc

/// This process, as its node knows it.
public enum HostProcess {
    public static var id: Int32 { getpid() }
}

/// The memory of this machine and of this process, from `/proc` (proc(5)).
public enum HostMemory {
    public static var totalBytes: Int { kilobytes("MemTotal") << 10 }
    /// Without swapping.
    public static var availableBytes: Int { kilobytes("MemAvailable") << 10 }

    /// Of this process, with what it maps of files and has touched.
    public static var residentBytes: Int { kilobytes("VmRSS", in: "/proc/self/status") << 10 }

    private static func kilobytes(_ key: String, in path: String = "/proc/meminfo") -> Int {
        guard let file = fopen(path, "r") else { return 0 }
        defer { fclose(file) }
        var line = [CChar](repeating: 0, count: 256)
        while fgets(&line, Int32(line.count), file) != nil {
            let text = String(decoding: line.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
            guard text.hasPrefix("\(key):") else { continue }
            // The status of a process has tabs, the machine's blanks.
            return text.split { $0 == " " || $0 == "\t" }.dropFirst().first.flatMap { Int($0) } ?? 0
        }
        return 0
    }
}

/// Where files go.
public enum HostDisk {
    /// What a file system has left for this user; 0 where there is none.
    public static func freeBytes(at path: String) -> Int {
        var status = statvfs()
        guard statvfs(path, &status) == 0 else { return 0 }
        return Int(status.f_bavail) * Int(status.f_frsize)
    }
}

/// The name of this machine, as its node agent would use it.
public enum HostName {
    public static var current: String {
        var name = [CChar](repeating: 0, count: 256)
        guard gethostname(&name, name.count) == 0 else { return "localhost" }
        return String(decoding: name.prefix { $0 != 0 }.map { UInt8(bitPattern: $0) }, as: UTF8.self)
    }
}

/// The monotonic clock that all processes of a machine share.
public enum HostClock {
    public static var nanoseconds: Int {
        var time = timespec()
        clock_gettime(CLOCK_MONOTONIC, &time)
        return time.tv_sec * 1_000_000_000 + time.tv_nsec
    }
}
