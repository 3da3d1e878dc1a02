import Mochi
import Testing

/// Goal: the schedule has its landmarks at every number of steps; its values are compared in the golden tests.
@Suite struct NoiseScheduleTests {
    @Test(arguments: [2, 3, 5, 28, 63, 64, 1000]) func itFallsFromPureNoiseToNone(steps: Int) {
        let schedule = NoiseSchedule(steps: steps)
        #expect(schedule.steps == steps)
        #expect(schedule.sigmas.first == 1)
        #expect(schedule.sigmas.last == 0)
        #expect(zip(schedule.sigmas, schedule.sigmas.dropFirst()).allSatisfy { $0 > $1 })
        #expect(schedule.timestep(at: 0) == 0)
    }

    /// The published run: 33 of 64 steps at 97.5 % noise or more.
    @Test func halfOfTheStepsCoverAFortiethOfTheNoise() {
        let sigmas = NoiseSchedule(steps: 64).sigmas
        #expect(abs(sigmas[32] - 0.975) < 1e-12)
        #expect(abs(sigmas[1] - 0.99921875) < 1e-12)
        #expect(abs(sigmas[33] - 0.97329) < 1e-5)
        #expect(abs(sigmas[63] - 0.0592) < 1e-4)
        #expect(sigmas.filter { $0 >= 0.975 - 1e-12 }.count == 33)
    }
}
