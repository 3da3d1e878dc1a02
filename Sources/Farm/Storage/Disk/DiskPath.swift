/// A place below a disk's root, as `12/3.log`: names that this module makes, never a user's.
public struct DiskPath: Hashable, Sendable, CustomStringConvertible {
    /// The root itself.
    public static let root = DiskPath()

    /// From the root downwards.
    public let components: [String]

    private init() { components = [] }

    /// - Precondition: no component is empty, `.` or `..`, or holds a slash or a zero byte.
    public init(_ components: [String]) {
        for name in components {
            precondition(name != "" && name != "." && name != ".." && !name.utf8.contains { $0 == 0 || $0 == 0x2F })
        }
        self.components = components
    }

    /// What is called `name` inside `directory`.
    ///
    /// - Precondition: `name` is one component.
    public static func / (directory: DiskPath, name: String) -> DiskPath { DiskPath(directory.components + [name]) }

    /// The last component; `.` for the root.
    public var name: String { components.last ?? "." }
    /// The directory that holds it; the root's is the root.
    public var parent: DiskPath { DiskPath(components.dropLast()) }
    public var description: String { components.isEmpty ? "." : components.joined(separator: "/") }
}
