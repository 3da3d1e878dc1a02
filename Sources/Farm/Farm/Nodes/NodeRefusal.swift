/// Why an agent may not speak for a node.
public enum NodeRefusal: Hashable, Sendable, CustomStringConvertible {
    /// Another agent does.
    case taken(String)
    /// A name that could not stand in an address or a log.
    case badName
    /// As many nodes are there as the farm takes.
    case full

    public var description: String {
        switch self {
        case .taken(let name):
            "the node \(name) is another agent's, which is connected or was \(FarmLimits.nodeSilence) ago; "
                + "stop that one, or take another name"
        case .badName: "a node's name has 1 to \(NodeName.lengthMax) letters, digits, dots, hyphens and underscores"
        case .full: "the farm has \(FarmLimits.nodes) nodes already"
        }
    }
}

/// What a node may be called: as hosts are.
public enum NodeName {
    public static let lengthMax = 200

    public static func isValid(_ name: String) -> Bool {
        1...lengthMax ~= name.utf8.count && !name.hasPrefix(".")
            && name.utf8.allSatisfy {
                0x30...0x39 ~= $0 || 0x41...0x5A ~= $0 || 0x61...0x7A ~= $0 || [0x2D, 0x2E, 0x5F].contains($0)
            }
    }
}
