#include "boundary.h"
#include "driver.h"
#include "libraries.h"

#include <ATen/Context.h>
#include <ATen/DeviceAccelerator.h>
#include <ATen/Parallel.h>
#include <ATen/Version.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <dlfcn.h>

#include <filesystem>
#include <fstream>
#include <string>

namespace {

constexpr const char *compiledVersion = TORCH_VERSION;

// A wheel says it in version.py (`__version__ = '2.13.0+cpu'`), a libtorch archive in build-version.
std::string readLoadedVersion() {
    const auto folder = ctorch::libtorchFolder().parent_path();
    std::string line;
    if (std::ifstream archive(folder / "build-version"); std::getline(archive, line)) return line;
    std::ifstream wheel(folder / "version.py");
    while (std::getline(wheel, line)) {
        if (line.rfind("__version__", 0) != 0) continue;
        const auto first = line.find('\''), last = line.rfind('\'');
        if (first != std::string::npos && last > first) return line.substr(first + 1, last - first - 1);
    }
    return compiledVersion;
}

const std::string &loadedVersion() {
    static const std::string version = [] {
        std::string found = compiledVersion;
        ctorch::guarded([&] { found = readLoadedVersion(); });
        return found;
    }();
    return version;
}

// "2.13" of "2.13.0+cpu": libtorch keeps its C++ interface within a minor version.
std::string minorVersion(const std::string &version) {
    return version.substr(0, version.find('.', version.find('.') + 1));
}

// The CUDA half registers its kernels when it is loaded; a CPU libtorch has none and that is fine.
std::string loadAccelerator() {
    const auto library = ctorch::libtorchFolder() / "libtorch_cuda.so";
    if (!std::filesystem::exists(library) || dlopen(library.c_str(), RTLD_NOW | RTLD_GLOBAL)) return "";
    const char *reason = dlerror();
    return reason ? reason : "unknown";
}

struct Start {
    ctorch_status status = CTORCH_OK;
    std::string reason;
    std::string acceleratorProblem;

    Start() noexcept {
        status = ctorch::guarded([this] {
            if (minorVersion(loadedVersion()) == minorVersion(compiledVersion)) {
                acceleratorProblem = loadAccelerator();
                ctorch::driver::letWaitersSleep();
                // fp32 is fp32, convolutions included: CUDA would round what they multiply to ten bits.
                at::globalContext().setAllowTF32CuDNN(false);
                at::globalContext().setAllowTF32CuBLAS(false);
                at::set_num_interop_threads(1);
                return;
            }
            reason = "libtorch " + loadedVersion() + " is loaded from " + ctorch::libtorchFolder().string() +
                     ", but libCTorch was built for " + compiledVersion +
                     "; supported are 2.11 to 2.13: run ops/build-ctorch with this libtorch";
        });
        if (status != CTORCH_OK) reason = ctorch_last_error();
        else if (!reason.empty()) status = CTORCH_INCOMPATIBLE;
    }
};

const Start &start() {
    static const Start outcome;
    return outcome;
}

}  // namespace

ctorch_status ctorch_initialize(int32_t *abi_version) {
    if (start().status != CTORCH_OK) return ctorch::fail(start().status, start().reason.c_str());
    *abi_version = CTORCH_ABI_VERSION;
    return CTORCH_OK;
}

const char *ctorch_accelerator_problem(void) { return start().acceleratorProblem.c_str(); }

const char *ctorch_compiled_version(void) { return compiledVersion; }

const char *ctorch_loaded_version(void) { return loadedVersion().c_str(); }

const char *ctorch_cpu_capability(void) {
    static const std::string capability = [] {
        std::string found;
        ctorch::guarded([&] { found = at::get_cpu_capability(); });
        return found;
    }();
    return capability.c_str();
}

bool ctorch_cpu_has_bfloat16(void) {
#if defined(__x86_64__)
    return __builtin_cpu_supports("avx512bf16");
#else
    return false;
#endif
}

int32_t ctorch_cuda_device_count(void) {
    int32_t count = 0;
    ctorch::guarded([&] { count = at::globalContext().hasCUDA() ? at::detail::getCUDAHooks().deviceCount() : 0; });
    return count;
}

ctorch_status ctorch_synchronize(ctorch_device device) {
    return ctorch::guarded([&] {
        if (device.kind != CTORCH_CUDA) return;
        c10::impl::VirtualGuardImpl(c10::kCUDA).synchronizeDevice(static_cast<c10::DeviceIndex>(device.index));
    });
}

ctorch_status ctorch_peak_memory(ctorch_device device, int64_t *byte_count) {
    return ctorch::guarded([&] {
        *byte_count = 0;
        if (device.kind != CTORCH_CUDA) return;
        const auto index = static_cast<c10::DeviceIndex>(device.index);
        at::globalContext().lazyInitDevice(c10::kCUDA);
        // The first of the pools counts all of them.
        *byte_count = at::getDeviceAllocator(c10::kCUDA)->getDeviceStats(index).allocated_bytes[0].peak;
    });
}

ctorch_status ctorch_memory(
    ctorch_device device, int64_t *total_bytes, int64_t *free_bytes, int64_t *held_bytes) {
    return ctorch::guarded([&] {
        *total_bytes = *free_bytes = *held_bytes = 0;
        if (device.kind != CTORCH_CUDA) return;
        const auto index = static_cast<c10::DeviceIndex>(device.index);
        at::globalContext().lazyInitDevice(c10::kCUDA);  // The allocator counts nothing before.
        auto *allocator = at::getDeviceAllocator(c10::kCUDA);
        const auto [free, total] = allocator->getMemoryInfo(index);
        *total_bytes = static_cast<int64_t>(total);
        *free_bytes = static_cast<int64_t>(free);
        *held_bytes = allocator->getDeviceStats(index).reserved_bytes[0].current;
    });
}

int32_t ctorch_thread_count(void) {
    int32_t count = 1;
    ctorch::guarded([&] { count = at::get_num_threads(); });
    return count;
}

ctorch_status ctorch_set_thread_count(int32_t count) {
    return ctorch::guarded([&] {
        if (count < 1) throw std::invalid_argument("at least one thread is needed, not " + std::to_string(count));
        at::set_num_threads(count);
    });
}
