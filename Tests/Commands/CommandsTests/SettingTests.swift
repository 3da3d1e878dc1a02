import Console
import Testing
import Torch

/// Goal: what may be said is what is there to be chosen.
@Suite struct SettingTests {
    @Test func everyKernelOfAttentionCanBeNamed() {
        #expect(Setting.attention.kind == .choice(AttentionBackend.allCases.map(\.rawValue)))
    }
}
