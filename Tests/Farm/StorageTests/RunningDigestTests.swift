import Farm
import Storage
import Testing

/// Goal: worker and coordinator name the same records by the same bytes, in every version.
/// Method: values from Python's hashlib and struct ("<IQ").
@Suite struct RunningDigestTests {
    @Test func nothingIsThirtyTwoZeroBytes() {
        #expect(RunningDigest().value.bytes == [UInt8](repeating: 0, count: 32))
    }

    @Test func theChainHasTheDocumentedBytes() {
        var digest = RunningDigest()
        digest.add(step: 0, checksum: 0x0123_4567_89AB_CDEF)
        #expect(digest.value.description == "d1675ae65cc5f37d9c4976e21d38c1efa5464690668991c15865578696372c22")
        digest.add(step: 1, checksum: 42)
        #expect(digest.value.description == "77c7975b1c763b6407235c713062f43447331df8f52739cf451cd721254f5a4e")
    }

    @Test func aCheckpointGoesOnWhereItStopped() {
        var whole = RunningDigest()
        for step in UInt32(0)..<5 { whole.add(step: step, checksum: UInt64(step) * 3) }
        var resumed = RunningDigest()
        for step in UInt32(0)..<2 { resumed.add(step: step, checksum: UInt64(step) * 3) }
        resumed = RunningDigest(resuming: resumed.value)
        for step in UInt32(2)..<5 { resumed.add(step: step, checksum: UInt64(step) * 3) }
        #expect(resumed == whole)
    }

    @Test func orderStepAndChecksumAllCount() {
        func digest(_ records: [(UInt32, UInt64)]) -> RunningDigest {
            records.reduce(into: RunningDigest()) { $0.add(step: $1.0, checksum: $1.1) }
        }
        let all = [[(0, 1), (1, 2)], [(1, 2), (0, 1)], [(0, 1), (2, 2)], [(0, 1), (1, 3)], [(0, 1)]].map(digest)
        #expect(Set(all).count == all.count)
    }
}
