#include "boundary.h"

#include <c10/util/Exception.h>

#include <algorithm>
#include <new>
#include <stdexcept>
#include <string>

namespace ctorch {
namespace {

thread_local std::string lastError;

// libtorch appends lists of kernels and a C++ backtrace; people want the sentence.
ctorch_status record(ctorch_status status, const c10::Error &error) {
    const std::string text = error.what_without_backtrace();
    lastError = text.substr(0, std::min(text.find('\n'), size_t{400}));
    return status;
}

// The CPU allocator has no exception type of its own (c10/core/impl/alloc_cpu.cpp).
bool isHostOutOfMemory(const c10::Error &error) {
    const std::string text = error.what_without_backtrace();
    return text.find("can't allocate memory") != std::string::npos ||
           text.find("not enough memory") != std::string::npos;
}

bool contains(const std::string &text, const char *part) { return text.find(part) != std::string::npos; }

// libtorch has types for some failures of the device only; cuBLAS and cuDNN report theirs as plain errors.
ctorch_status classOf(const c10::Error &error) {
    const std::string text = error.what_without_backtrace();
    if (isHostOutOfMemory(error) || contains(text, "CUDA out of memory")) return CTORCH_OUT_OF_MEMORY;
    if (contains(text, "ALLOC_FAILED")) return CTORCH_OUT_OF_MEMORY;  // cuBLAS's and cuDNN's word for it.
    for (const char *device :
         {"CUDA error:", "CUBLAS_STATUS_", "CUDNN_STATUS_", "cuDNN error:", "cuDNN Frontend error:"}) {
        if (contains(text, device)) return CTORCH_DEVICE_FAULT;
    }
    return contains(text, "INTERNAL ASSERT FAILED") ? CTORCH_INTERNAL : CTORCH_INVALID_ARGUMENT;
}

// cudaErrorMemoryAllocation and cudaErrorInvalidDevice (driver_types.h).
ctorch_status classOf(const c10::AcceleratorError &error) {
    switch (error.get_error_code()) {
        case 2: return CTORCH_OUT_OF_MEMORY;
        case 101: return CTORCH_INVALID_ARGUMENT;
        default: return CTORCH_DEVICE_FAULT;
    }
}

ctorch_status classify() {
    try {
        throw;
    } catch (const c10::OutOfMemoryError &error) {
        return record(CTORCH_OUT_OF_MEMORY, error);
    } catch (const c10::AcceleratorError &error) {
        return record(classOf(error), error);
    } catch (const c10::NotImplementedError &error) {
        return record(CTORCH_UNSUPPORTED, error);
    } catch (const c10::Error &error) {
        return record(classOf(error), error);
    } catch (const std::bad_alloc &) {
        lastError = "the host has no memory left";
        return CTORCH_OUT_OF_MEMORY;
    } catch (const std::invalid_argument &error) {
        lastError = error.what();
        return CTORCH_INVALID_ARGUMENT;
    } catch (const std::exception &error) {
        lastError = error.what();
        return CTORCH_INTERNAL;
    }
}

}  // namespace

ctorch_status describeCurrentException() noexcept {
    try {
        return classify();
    } catch (...) {
        lastError.clear();  // An unknown type was thrown, or recording it failed for want of memory.
        return CTORCH_INTERNAL;
    }
}

ctorch_status fail(ctorch_status status, const char *message) noexcept {
    try {
        lastError = message;
    } catch (...) {
        lastError.clear();
    }
    return status;
}

at::ScalarType scalarType(ctorch_dtype dtype) {
    switch (dtype) {
        case CTORCH_FLOAT32: return at::kFloat;
        case CTORCH_FLOAT16: return at::kHalf;
        case CTORCH_BFLOAT16: return at::kBFloat16;
        case CTORCH_FLOAT64: return at::kDouble;
        case CTORCH_INT64: return at::kLong;
        case CTORCH_INT32: return at::kInt;
        case CTORCH_INT16: return at::kShort;
        case CTORCH_INT8: return at::kChar;
        case CTORCH_UINT8: return at::kByte;
        case CTORCH_BOOL: return at::kBool;
        case CTORCH_KEEP_DTYPE: break;
    }
    throw std::invalid_argument("a dtype is needed here");
}

c10::Device device(ctorch_device device) {
    switch (device.kind) {
        case CTORCH_CPU: return c10::Device(c10::kCPU);
        case CTORCH_CUDA: return c10::Device(c10::kCUDA, static_cast<c10::DeviceIndex>(device.index));
        case CTORCH_META: return c10::Device(c10::kMeta);
    }
    throw std::invalid_argument("an unknown kind of device");
}

}  // namespace ctorch

const char *ctorch_last_error(void) { return ctorch::lastError.c_str(); }
