import Ledger

extension LedgerError {
    /// Which, without its details.
    var name: String {
        switch self {
        case .notALedger: "notALedger"
        case .damaged: "damaged"
        case .newer: "newer"
        case .held: "held"
        case .inaccessible: "inaccessible"
        case .full: "full"
        case .inputOutput: "inputOutput"
        case .refused: "refused"
        }
    }
}
