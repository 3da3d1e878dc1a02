#include "kernels.h"

#include "boundary.h"
#include "kernels_source.h"
#include "libraries.h"

#include <c10/core/DeviceGuard.h>
#include <c10/core/Stream.h>
#include <c10/core/impl/VirtualGuardImpl.h>

#include <algorithm>
#include <array>
#include <cstdint>
#include <mutex>
#include <stdexcept>
#include <string>
#include <vector>

namespace {

using Program = void *;
using Function = void *;

// NVRTC's and the driver's C interfaces, by the library with which libtorch links both: nothing of CUDA is linked.
class Interfaces {
public:
    template <typename Signature>
    Signature *find(const char *name) const {
        auto *function = library.find<Signature>(name);
        if (!function) throw std::runtime_error(std::string(name) + " is not there");
        return function;
    }

private:
    const ctorch::Library library{ctorch::libtorchFolder() / "libcaffe2_nvrtc.so", RTLD_LAZY | RTLD_LOCAL};
};

std::vector<char> machineCode(const Interfaces &interfaces, const std::string &architecture) {
    const auto create = interfaces.find<int(
        Program *, const char *, const char *, int, const char *const *, const char *const *)>("nvrtcCreateProgram");
    const auto compile = interfaces.find<int(Program, int, const char *const *)>("nvrtcCompileProgram");
    const auto logSize = interfaces.find<int(Program, size_t *)>("nvrtcGetProgramLogSize");
    const auto log = interfaces.find<int(Program, char *)>("nvrtcGetProgramLog");
    const auto codeSize = interfaces.find<int(Program, size_t *)>("nvrtcGetCUBINSize");
    const auto code = interfaces.find<int(Program, char *)>("nvrtcGetCUBIN");
    const auto destroy = interfaces.find<int(Program *)>("nvrtcDestroyProgram");

    Program program = nullptr;
    if (create(&program, ctorch::kernels::source, "storyfarm.cu", 0, nullptr, nullptr) != 0) {
        throw std::runtime_error("NVRTC does not start");
    }
    const std::array options = {architecture.c_str(), "--std=c++17"};
    const bool isGood = compile(program, options.size(), options.data()) == 0;
    size_t size = 0;
    (isGood ? codeSize : logSize)(program, &size);
    std::vector<char> text(size + 1);
    (isGood ? code : log)(program, text.data());
    destroy(&program);
    if (!isGood) throw std::runtime_error(std::string("NVRTC refuses the kernels: ") + text.data());
    return text;
}

// What one device runs.
class Kernels {
public:
    Function modulate = nullptr, normaliseHeads = nullptr, gate = nullptr;
    std::string problem;

    explicit Kernels(c10::Device device) noexcept {
        if (ctorch::guarded([&] { load(device); }) != CTORCH_OK) problem = ctorch_last_error();
    }

    template <typename... Arguments>
    void launch(Function function, uint64_t blocks, unsigned threads, Arguments... arguments) const {
        void *addresses[] = {&arguments...};
        const auto stream = c10::impl::VirtualGuardImpl(c10::kCUDA).getStream(current).native_handle();
        const int status = start(
            function, static_cast<unsigned>(blocks), 1, 1, threads, 1, 1, 0, stream, addresses, nullptr);
        if (status == 0) return;
        throw std::runtime_error("CUDA error: a kernel does not start, code " + std::to_string(status));
    }

private:
    c10::Device current{c10::kCUDA, 0};
    int (*start)(
        Function, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, unsigned, void *, void **, void **) =
        nullptr;

    void load(c10::Device device) {
        static const auto &interfaces = *new Interfaces;  // Never closed: a thread may still compute at the end.
        // Makes the device's context this thread's, which a guard need not.
        c10::impl::VirtualGuardImpl(c10::kCUDA).synchronizeDevice(device.index());
        const auto open = interfaces.find<int(int *, int)>("cuDeviceGet");
        const auto attribute = interfaces.find<int(int *, int, int)>("cuDeviceGetAttribute");
        const auto loadModule = interfaces.find<int(void **, const void *)>("cuModuleLoadData");
        const auto find = interfaces.find<int(Function *, void *, const char *)>("cuModuleGetFunction");
        start = interfaces.find<std::remove_pointer_t<decltype(start)>>("cuLaunchKernel");
        current = device;
        int handle = 0, major = 0, minor = 0;
        // CU_DEVICE_ATTRIBUTE_COMPUTE_CAPABILITY_MAJOR and _MINOR of cuda.h.
        if (open(&handle, device.index()) != 0 || attribute(&major, 75, handle) != 0 ||
            attribute(&minor, 76, handle) != 0) {
            throw std::runtime_error("the driver does not name the device's architecture");
        }
        const auto code = machineCode(interfaces, "--gpu-architecture=sm_" + std::to_string(10 * major + minor));
        void *module = nullptr;
        if (int status = loadModule(&module, code.data()); status != 0) {
            throw std::runtime_error("the driver does not take the kernels, code " + std::to_string(status));
        }
        for (const auto &[function, name] : {
                 std::pair{&modulate, "modulate"}, {&normaliseHeads, "normaliseHeads"}, {&gate, "gate"}}) {
            if (find(function, module, name) != 0) throw std::runtime_error(std::string(name) + " is not there");
        }
    }
};

// Those of a device, compiled when they are first asked for, which takes a moment; never unloaded.
const Kernels &kernels(c10::Device device) {
    static std::mutex mutex;
    static std::array<const Kernels *, 64> all{};
    const std::lock_guard lock(mutex);
    auto *&known = all.at(static_cast<size_t>(device.index()));
    if (!known) known = new Kernels(device);
    return *known;
}

bool isPlain(const at::Tensor &tensor) {
    return tensor.device().is_cuda() && tensor.scalar_type() == at::kBFloat16 && tensor.numel() > 0;
}

// Whether whole chunks of 16 bytes can be loaded.
bool isAligned(const at::Tensor &tensor, int64_t width) {
    return tensor.is_contiguous() && width % 8 == 0 && reinterpret_cast<uintptr_t>(tensor.const_data_ptr()) % 16 == 0;
}

uint64_t groups(int64_t count, int64_t size) { return static_cast<uint64_t>((count + size - 1) / size); }

}  // namespace

namespace ctorch::kernels {

bool modulate(
    const at::Tensor &x, const at::Tensor &scale, const std::optional<at::Tensor> &residual, double epsilon,
    const at::Tensor &y) {
    const int64_t width = x.size(-1);
    if (!isPlain(x) || !isAligned(x, width) || !isAligned(y, width) || y.scalar_type() != at::kBFloat16) return false;
    if (residual && (!isPlain(*residual) || !isAligned(*residual, width))) return false;
    const c10::DeviceGuard guard(x.device());
    const auto &device = ::kernels(x.device());
    if (!device.modulate) return false;
    const auto factors = scale.to(at::kFloat).contiguous();
    const int chunks = static_cast<int>(width / 8);
    const unsigned threads = std::min(1024, (chunks + 31) / 32 * 32);
    device.launch(
        device.modulate, static_cast<uint64_t>(x.numel() / width), threads, x.const_data_ptr(),
        factors.const_data_ptr(), residual ? residual->const_data_ptr() : nullptr, static_cast<float>(epsilon), chunks,
        y.data_ptr());
    return true;
}

bool normaliseHeads(
    const at::Tensor &x, const at::Tensor &weight, const std::optional<at::Tensor> &cosine,
    const std::optional<at::Tensor> &sine, double epsilon, const at::Tensor &y) {
    const auto hasPairs = [](const at::Tensor &tensor) {
        return isPlain(tensor) && tensor.stride(3) == 1 && tensor.stride(2) == tensor.size(3) &&
               tensor.stride(1) % 2 == 0 && reinterpret_cast<uintptr_t>(tensor.const_data_ptr()) % 4 == 0;
    };
    const int64_t width = x.size(3), count = x.size(1) * x.size(2);
    if (!hasPairs(x) || !hasPairs(y) || width % 2 != 0 || width > 256) return false;
    const c10::DeviceGuard guard(x.device());
    const auto &device = ::kernels(x.device());
    if (!device.normaliseHeads) return false;
    const auto factors = weight.to(at::kFloat).contiguous();
    constexpr unsigned threads = 256;
    device.launch(
        device.normaliseHeads, groups(count * 32, threads), threads, x.const_data_ptr(), factors.const_data_ptr(),
        cosine ? cosine->const_data_ptr() : nullptr, sine ? sine->const_data_ptr() : nullptr,
        static_cast<float>(epsilon), static_cast<int>(x.size(2)), static_cast<int>(width / 2),
        static_cast<uint64_t>(count), static_cast<uint64_t>(x.stride(1) / 2), static_cast<uint64_t>(y.stride(1) / 2),
        y.data_ptr());
    return true;
}

bool gate(const at::Tensor &x, const at::Tensor &y) {
    const int64_t width = y.size(-1);
    if (!isPlain(x) || !isAligned(x, width) || !isAligned(y, width)) return false;
    const c10::DeviceGuard guard(x.device());
    const auto &device = ::kernels(x.device());
    if (!device.gate) return false;
    constexpr unsigned threads = 256;
    const int64_t count = y.numel() / 8;
    device.launch(
        device.gate, groups(count, threads), threads, x.const_data_ptr(), static_cast<int>(width / 8),
        static_cast<uint64_t>(count), y.data_ptr());
    return true;
}

}  // namespace ctorch::kernels

void ctorch_cuda_kernel_problem(int32_t index, char *text, int32_t capacity) {
    if (capacity <= 0) return;
    std::string problem;
    const auto status = ctorch::guarded([&] {
        const c10::Device device(c10::kCUDA, static_cast<c10::DeviceIndex>(index));
        const c10::DeviceGuard guard(device);
        problem = ::kernels(device).problem;
    });
    if (status != CTORCH_OK) problem = ctorch_last_error();
    const auto length = std::min(problem.size(), static_cast<size_t>(capacity - 1));
    problem.copy(text, length);
    text[length] = 0;
}
