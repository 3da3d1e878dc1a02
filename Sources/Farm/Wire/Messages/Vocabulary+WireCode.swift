import Farm

// Both decide what the farm does next, so a value that is not listed here is refused.

extension LeasePhase: WireCode {
    init?(wireValue: Int32) {
        switch wireValue {
        case 1: self = .denoising
        case 2: self = .delivering
        default: return nil
        }
    }

    var wireValue: Int32 {
        switch self {
        case .denoising: 1
        case .delivering: 2
        }
    }
}

extension FailureClass: WireCode {
    init?(wireValue: Int32) {
        guard let match = Self.allCases.first(where: { $0.wireValue == wireValue }) else { return nil }
        self = match
    }

    var wireValue: Int32 {
        switch self {
        case .badInput: 1
        case .crash: 2
        case .hang: 3
        case .deviceFault: 4
        case .nonFinite: 5
        case .outOfMemory: 6
        case .inputOutput: 7
        }
    }
}
