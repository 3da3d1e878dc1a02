import Glibc
public import Transport

extension FarmFolder {
    /// What a rotation came to.
    public struct Rotation: Sendable {
        public let old: CurvePublicKey
        public let new: CurvePublicKey
    }

    /// Gives this machine's workers another pair.
    ///
    /// - Parameter keepsOld: whether the earlier key stays admitted, for workers that still have it.
    public func rotateWorkerKey(keepsOld: Bool) throws -> Rotation {
        try rotate(workerKey) { old in
            var list = try allowList()
            if keepsOld { list.allow(old, as: Self.localName) } else { _ = list.revoke(old) }
            try write(list)
        }
    }

    /// Gives the coordinator another pair, for its next start. Workers need the new `coordinator.pub` then.
    public func rotateCoordinatorKey() throws -> Rotation {
        let rotation = try rotate(coordinatorKey) { _ in }
        try writePublicKey(rotation.new)
        return rotation
    }

    /// - Parameter prepare: what has to be true before the old pair is gone.
    private func rotate(_ file: String, _ prepare: (CurvePublicKey) throws -> Void) throws -> Rotation {
        let old = try CurveKeyPair(contentsOf: file).publicKey
        let pair = try CurveKeyPair.generate()
        let beside = "\(file).new"
        unlink(beside)  // Of a rotation that was cut short; nobody has used it.
        try pair.write(to: beside)
        try prepare(old)
        guard rename(beside, file) == 0 else { throw KeyFileError.system(path: file, code: errno) }
        return Rotation(old: old, new: pair.publicKey)
    }
}
