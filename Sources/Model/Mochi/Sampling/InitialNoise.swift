public import Torch

/// The noise that a segment starts from: the same on every machine, and another one for every segment of a story.
public enum InitialNoise {
    /// The generator's seed of segment `number`, counted from 1: `splitmix64(splitmix64(story) + number)`.
    public static func seed(story: UInt64, segment number: UInt64) -> UInt64 {
        splitmix64(splitmix64(story) &+ number)
    }

    /// Standard normal latents of `shape`, fp32; drawn on the CPU, whose generator is the same beside every GPU.
    public static func latents(
        _ shape: [Int], story: UInt64, segment number: UInt64, device: Device = .cpu
    ) throws(TorchError) -> Tensor {
        try Generator(seed: seed(story: story, segment: number)).normal(shape).moved(to: device)
    }

    /// One step of the generator of that name from `state`: neighbouring seeds give unrelated numbers.
    ///
    /// Reference: Steele, Lea, Flood, "Fast splittable pseudorandom number generators" (2014); splitmix64(0) is
    /// 0xE220A8397B1DCDAF.
    static func splitmix64(_ state: UInt64) -> UInt64 {
        var z = state &+ 0x9E37_79B9_7F4A_7C15
        z = (z ^ (z >> 30)) &* 0xBF58_476D_1CE4_E5B9
        z = (z ^ (z >> 27)) &* 0x94D0_49BB_1331_11EB
        return z ^ (z >> 31)
    }
}
