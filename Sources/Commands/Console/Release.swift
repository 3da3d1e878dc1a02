/// What `--version` says, of all programs: whoever asks wants to know whether two machines have the same.
public enum Release {
    public static let version = "StoryFarm 1"
}
