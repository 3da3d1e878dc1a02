// CUDA's driver, by its own interface: nothing of CUDA is linked.
#pragma once

namespace ctorch::driver {

// Lets a thread that waits for a device sleep. CUDA's default is to ask again and again, which takes a whole core from
// whatever else the machine does, for steps that take seconds. To be called before a device is first used.
void letWaitersSleep();

}  // namespace ctorch::driver
