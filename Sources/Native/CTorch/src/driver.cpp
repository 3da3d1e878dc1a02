#include "driver.h"

#include "boundary.h"
#include "libraries.h"

namespace {

// Numbers of devices are those that libtorch uses.
struct Driver {
    const ctorch::Library library{"libcuda.so.1", RTLD_LAZY};

    bool open(int index, int &device) const {
        const auto get = library.find<int(int *, int)>("cuDeviceGet");
        return get && get(&device, index) == 0;
    }
};

}  // namespace

void ctorch::driver::letWaitersSleep() {
    static const auto &driver = *new Driver;  // Never closed: it has threads from here on.
    const auto initialise = driver.library.find<int(unsigned)>("cuInit");
    const auto countDevices = driver.library.find<int(int *)>("cuDeviceGetCount");
    const auto set = driver.library.find<int(int, unsigned)>("cuDevicePrimaryCtxSetFlags_v2");
    constexpr unsigned blockingSync = 4;  // CU_CTX_SCHED_BLOCKING_SYNC of cuda.h.
    int count = 0, device = 0;
    if (!initialise || !countDevices || !set || initialise(0) != 0 || countDevices(&count) != 0) return;
    for (int index = 0; index < count; ++index) {
        if (driver.open(index, device)) set(device, blockingSync);
    }
}

void ctorch_cuda_device_name(int32_t index, char *name, int32_t capacity) {
    if (capacity <= 0) return;
    name[0] = 0;
    const Driver driver;
    const auto describe = driver.library.find<int(char *, int, int)>("cuDeviceGetName");
    int device = 0;
    if (describe && driver.open(index, device)) describe(name, capacity, device);
}

bool ctorch_cuda_device_uuid(int32_t index, uint8_t uuid[16]) {
    const Driver driver;
    const auto identify = driver.library.find<int(uint8_t *, int)>("cuDeviceGetUuid");
    int device = 0;
    return identify && driver.open(index, device) && identify(uuid, device) == 0;
}
