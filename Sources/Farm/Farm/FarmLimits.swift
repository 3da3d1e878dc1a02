/// Every bound of the farm's rules, in one place.
public enum FarmLimits {
    /// Of one worker at a time, besides the one segment that it denoises.
    public static let deliveriesPerWorker = 2
    /// A worker that was silent for so long is lost.
    public static let silence = Duration.seconds(3)
    /// A worker whose connection closed is lost after so long without a new one.
    public static let reconnection = Duration.seconds(1)
    /// An alarm so late says that the coordinator itself stood still: for that time nobody else is to blame.
    public static let standstill = Duration.seconds(1)
    /// An alarm that rings in this time shows that the coordinator was free to read what had come.
    public static let punctual = Duration.milliseconds(10)
    /// After a later one, what lies unread is read within this time.
    public static let unread = Duration.milliseconds(100)
    /// What only one side of a connection knows of is settled after so long: a message was lost.
    public static let confirmation = Duration.seconds(10)
    /// What was asked of a worker is asked again after so long.
    public static let asking = Duration.seconds(5)
    /// A restarted coordinator waits at most so long for workers to say what they hold, and no longer than ``silence``
    /// after the last one that came back: whoever lives comes back within a second, but thousands take a while.
    public static let recollection = Duration.seconds(15)
    /// A node whose agent was silent for so long is lost, and its name free for another agent; longer than an agent
    /// takes to be started again.
    public static let nodeSilence = Duration.seconds(10)
    /// Nodes that are remembered; the one lost longest ago makes room for another.
    public static let nodes = 4096
    /// Exits of workers that are remembered of a node.
    public static let exitsPerNode = 16
    /// A segment is hung that has finished no step for the larger of this and of ``hangSteps`` usual steps.
    public static let hang = Duration.seconds(60)
    public static let hangSteps = 10
    /// A model may take so long to load.
    public static let loading = Duration.seconds(15 * 60)
    /// A worker may be busy for so long with bringing what it has to the coordinator's disk, which may be full: an
    /// hour, so that somebody can make room. What it costs to end it is the steps since the last checkpoint, and ten
    /// ends without one hold the segment, so that nothing is given up in a night.
    public static let storing = Duration.seconds(3600)
    /// A delivery may take the larger of ``storing`` and of so many usual steps: decoding a segment of full size is a
    /// third of a step's operations (1,053 TFLOP) at a rate several times lower, on a device that it shares with the
    /// next segment's steps and with another delivery.
    public static let deliverySteps = 50
    /// The same, where no step of the story was seen since the coordinator's start: one core that does 60 GFLOP/s
    /// decodes a segment of full size in five hours.
    public static let delivery = Duration.seconds(24 * 3600)
    /// The lowest segment of a story that is being denoised may lie unplaced for so long.
    public static let unplaced = Duration.seconds(1)
    /// A recalled worker answers within the larger of this and of two usual steps, or another one is recalled.
    public static let recallAnswer = Duration.seconds(5)
    /// A lease that waited so long for a boundary gives way to a segment that need not wait.
    public static let waiting = Duration.seconds(30)
    /// Records that a segment recalled for waiting wants ahead of it before it starts again.
    public static let headStart = 8
    /// Records that are on their way to a reader, whatever it asks for: what one that reads no more costs, about 5 MB
    /// of 848x480 pixels. Fewer would not cover the way there and back where all cores are busy.
    public static let readWindow = 16
    public static let checkpointsKept = 2
    /// In a row, without a checkpoint in between.
    public static let failuresPerSegment = 3
    /// In a row, without a checkpoint in between; then the segment waits for `retry`.
    public static let lossesPerSegment = 10
    /// Segments that a device may fail before it is set aside.
    public static let segmentsFailedPerDevice = 3
    /// A device that was set aside is probed after so long; twice as long after each probe in vain, up to the longest.
    public static let probePause = Duration.seconds(60)
    public static let probePauseMax = Duration.seconds(3600)
    /// A probe, which renders a whole segment, may take so long.
    public static let probeAnswer = Duration.seconds(3600)
    /// In bytes: what a segment needs is told apart no finer.
    static let memoryGrain = 1 << 28
    /// Candidates that are looked at for one worker before it stays idle until the next event.
    static let candidates = 64
    /// Step times that a story's usual step is the median of.
    static let stepsRemembered = 15
}
