#include "libraries.h"

#include <c10/core/CPUAllocator.h>

std::filesystem::path ctorch::libtorchFolder() {
    Dl_info information{};
    const auto address = reinterpret_cast<void *>(&c10::GetCPUAllocator);
    if (dladdr(address, &information) == 0 || information.dli_fname == nullptr) return {};
    return std::filesystem::path(information.dli_fname).parent_path();
}
