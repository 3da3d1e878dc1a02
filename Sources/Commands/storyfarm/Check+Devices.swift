import Checkup
import Farm
import NodeAgent

extension Check {
    /// What a node's agent would start workers on; a head node needs none.
    static func devices(_ found: Result<[NodeDevice], GPUQueryError>) -> [Check] {
        switch found {
        case .success([]): [.ok("gpu", "none here")]
        case .success(let devices):
            devices.enumerated().map { index, found in
                let device = found.device
                return .ok(
                    "gpu \(index)", "\(device.kind.accelerator), \(device.memoryBytes >> 30) GiB, \(device.uuid)")
            }
        case .failure(let error):
            [.warn("gpu", "\(error)", remedy: "see what nvidia-smi says; without a GPU of its own nothing is wrong")]
        }
    }
}
