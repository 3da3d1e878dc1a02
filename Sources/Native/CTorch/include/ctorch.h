// The flat C interface of libtorch that StoryFarm's `Torch` module stands on.
//
// Rules, the same for every function:
//  - It returns a status; results come through out-parameters, which are written only on CTORCH_OK.
//  - A handle that a function hands out is owned by the caller and ended with the matching `_release`.
//    A handle that is passed in is only borrowed for the call.
//  - No exception crosses this line. After a failure `ctorch_last_error()` tells this thread why, until this thread's
//    next failing call.
//  - Beside every buffer stands its length. Dimensions may be negative and then count from the end.
//  - Handles may be used from any thread, one at a time for writing; the runtime has no global "current device".
//  - Gradients are never recorded.
#ifndef STORYFARM_CTORCH_H
#define STORYFARM_CTORCH_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Raised with every incompatible change; `ctorch_initialize` tells the library's own.
#define CTORCH_ABI_VERSION 4

#if defined(CTORCH_BUILDING)
#define CTORCH_EXPORT __attribute__((visibility("default")))
#else
#define CTORCH_EXPORT
#endif

#ifdef __cplusplus
extern "C" {
#endif

// MARK: Status

typedef enum ctorch_status {
    CTORCH_OK = 0,
    CTORCH_OUT_OF_MEMORY = 1,     // host or device; the process stays usable
    CTORCH_INVALID_ARGUMENT = 2,  // shapes, dtypes or devices that do not fit
    CTORCH_UNSUPPORTED = 3,       // no kernel for this dtype, device or backend
    CTORCH_DEVICE_FAULT = 4,      // the accelerator reported an error of its own
    CTORCH_INCOMPATIBLE = 5,      // another libtorch than this library was built for
    CTORCH_INTERNAL = 6
} ctorch_status;

// The reason of this thread's latest failure, never NULL.
CTORCH_EXPORT const char *ctorch_last_error(void);

// MARK: Handles and plain types

typedef struct ctorch_tensor ctorch_tensor;
typedef struct ctorch_generator ctorch_generator;

typedef enum ctorch_dtype {
    CTORCH_KEEP_DTYPE = -1,  // "as the input", where a function allows it
    CTORCH_FLOAT32 = 0,
    CTORCH_FLOAT16 = 1,
    CTORCH_BFLOAT16 = 2,
    CTORCH_FLOAT64 = 3,
    CTORCH_INT64 = 4,
    CTORCH_INT32 = 5,
    CTORCH_INT16 = 6,
    CTORCH_INT8 = 7,
    CTORCH_UINT8 = 8,
    CTORCH_BOOL = 9
} ctorch_dtype;

typedef enum ctorch_device_kind { CTORCH_CPU = 0, CTORCH_CUDA = 1, CTORCH_META = 2 } ctorch_device_kind;

typedef struct ctorch_device {
    ctorch_device_kind kind;
    int32_t index;  // 0 for CPU and meta
} ctorch_device;

// MARK: The runtime (runtime.cpp, driver.cpp)

// Checks that the loaded libtorch is the one this library was compiled for, loads its CUDA half if it has one, and
// switches inter-operator threads to 1. Call once before anything else; further calls return the first outcome.
CTORCH_EXPORT ctorch_status ctorch_initialize(int32_t *abi_version);
// Why libtorch's CUDA half could not be loaded; empty if it was, or if there is none.
CTORCH_EXPORT const char *ctorch_accelerator_problem(void);
// "2.13.0": what this library was compiled against.
CTORCH_EXPORT const char *ctorch_compiled_version(void);
// "2.13.0+cpu": what is loaded, from the files beside it; equal to the compiled version where it can't be told.
CTORCH_EXPORT const char *ctorch_loaded_version(void);
// "AVX512": the vector instructions libtorch's CPU kernels use.
CTORCH_EXPORT const char *ctorch_cpu_capability(void);
// Whether bf16 matrix products run natively on this CPU (AVX512-BF16 or AMX).
CTORCH_EXPORT bool ctorch_cpu_has_bfloat16(void);
// 0 where libtorch has no CUDA or the machine no usable device.
CTORCH_EXPORT int32_t ctorch_cuda_device_count(void);
// The model of a CUDA device, as "NVIDIA H200", cut to the capacity; empty where the driver does not tell.
CTORCH_EXPORT void ctorch_cuda_device_name(int32_t index, char *name, int32_t capacity);
// The 16 bytes by which a CUDA device is known on its machine, whatever a process calls it; false where the driver does
// not tell.
CTORCH_EXPORT bool ctorch_cuda_device_uuid(int32_t index, uint8_t uuid[16]);
// Why a CUDA device has no kernels of our own (kernels.h) and is slower for it, cut to the capacity; empty if it has.
CTORCH_EXPORT void ctorch_cuda_kernel_problem(int32_t index, char *text, int32_t capacity);
// Waits until all work queued on the device is done; nothing to do for CPU.
CTORCH_EXPORT ctorch_status ctorch_synchronize(ctorch_device device);
// The most bytes that tensors held on an accelerator at any time so far; 0 for the CPU, which counts none.
CTORCH_EXPORT ctorch_status ctorch_peak_memory(ctorch_device device, int64_t *byte_count);
// An accelerator's memory in bytes: all of it, what no process has, and what this process's tensors hold or libtorch
// keeps for later ones. Zeros for the CPU.
CTORCH_EXPORT ctorch_status ctorch_memory(
    ctorch_device device, int64_t *total_bytes, int64_t *free_bytes, int64_t *held_bytes);
CTORCH_EXPORT int32_t ctorch_thread_count(void);
CTORCH_EXPORT ctorch_status ctorch_set_thread_count(int32_t count);

// MARK: Making and reading tensors (tensor.cpp)

CTORCH_EXPORT void ctorch_tensor_release(ctorch_tensor *tensor);
// One more reference to the same tensor, to be released on its own.
CTORCH_EXPORT ctorch_tensor *ctorch_tensor_retain(ctorch_tensor *tensor);
CTORCH_EXPORT ctorch_status ctorch_empty(
    const int64_t *shape, size_t rank, ctorch_dtype dtype, ctorch_device device, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_full(
    const int64_t *shape, size_t rank, double value, ctorch_dtype dtype, ctorch_device device, ctorch_tensor **out);
// start, start + step, … below end.
CTORCH_EXPORT ctorch_status ctorch_arange(
    double start, double end, double step, ctorch_dtype dtype, ctorch_device device, ctorch_tensor **out);
// A CPU tensor over `data`, which it does not copy. `release(context)` is called exactly once: when the last tensor
// over the data is gone (on whichever thread that happens), or before returning if this fails.
CTORCH_EXPORT ctorch_status ctorch_from_blob(
    void *data, size_t byte_count, const int64_t *shape, size_t rank, ctorch_dtype dtype,
    void (*release)(void *context), void *context, ctorch_tensor **out);

CTORCH_EXPORT ctorch_dtype ctorch_tensor_dtype(const ctorch_tensor *tensor);
CTORCH_EXPORT ctorch_device ctorch_tensor_device(const ctorch_tensor *tensor);
CTORCH_EXPORT size_t ctorch_tensor_rank(const ctorch_tensor *tensor);
// Writes at most `capacity` extents.
CTORCH_EXPORT void ctorch_tensor_shape(const ctorch_tensor *tensor, int64_t *shape, size_t capacity);
CTORCH_EXPORT bool ctorch_tensor_is_contiguous(const ctorch_tensor *tensor);
// The bytes of a contiguous CPU tensor; valid as long as the tensor. Fails for any other.
CTORCH_EXPORT ctorch_status ctorch_tensor_data(const ctorch_tensor *tensor, void **data, size_t *byte_count);
// The value of a tensor with one element; waits for the device.
CTORCH_EXPORT ctorch_status ctorch_tensor_item(const ctorch_tensor *tensor, double *value);

// `copy`: a new tensor even where nothing would change.
CTORCH_EXPORT ctorch_status ctorch_to(
    const ctorch_tensor *tensor, ctorch_dtype dtype, ctorch_device device, bool copy, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_contiguous(const ctorch_tensor *tensor, ctorch_tensor **out);
// Copies the elements of `source`, broadcast and converted, into the memory of `target` (often a slice of another).
CTORCH_EXPORT ctorch_status ctorch_copy(const ctorch_tensor *target, const ctorch_tensor *source);

// MARK: Random numbers (tensor.cpp)

// A CPU generator (Mersenne twister) of its own; the process-wide one is never used.
CTORCH_EXPORT ctorch_status ctorch_generator_make(uint64_t seed, ctorch_generator **out);
CTORCH_EXPORT void ctorch_generator_release(ctorch_generator *generator);
// Standard normal values on the CPU; the same seed gives the same values for the same shape and dtype.
CTORCH_EXPORT ctorch_status ctorch_randn(
    const int64_t *shape, size_t rank, ctorch_dtype dtype, ctorch_generator *generator, ctorch_tensor **out);

// MARK: Shape (shape.cpp)

CTORCH_EXPORT ctorch_status ctorch_reshape(
    const ctorch_tensor *tensor, const int64_t *shape, size_t rank, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_permute(
    const ctorch_tensor *tensor, const int64_t *dimensions, size_t rank, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_expand(
    const ctorch_tensor *tensor, const int64_t *shape, size_t rank, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_narrow(
    const ctorch_tensor *tensor, int64_t dimension, int64_t start, int64_t length, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_select(
    const ctorch_tensor *tensor, int64_t dimension, int64_t index, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_unsqueeze(const ctorch_tensor *tensor, int64_t dimension, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_squeeze(const ctorch_tensor *tensor, int64_t dimension, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_flip(const ctorch_tensor *tensor, int64_t dimension, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_index_select(
    const ctorch_tensor *tensor, int64_t dimension, const ctorch_tensor *indices, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_concatenate(
    const ctorch_tensor *const *tensors, size_t count, int64_t dimension, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_stack(
    const ctorch_tensor *const *tensors, size_t count, int64_t dimension, ctorch_tensor **out);

typedef enum ctorch_padding {
    CTORCH_PAD_CONSTANT = 0, CTORCH_PAD_REPLICATE = 1, CTORCH_PAD_REFLECT = 2
} ctorch_padding;
// `amounts`: before and after, last dimension first, as in torch.nn.functional.pad.
CTORCH_EXPORT ctorch_status ctorch_pad(
    const ctorch_tensor *tensor, const int64_t *amounts, size_t count, ctorch_padding mode, double value,
    ctorch_tensor **out);

// MARK: Arithmetic (arithmetic.cpp)

typedef enum ctorch_unary {
    CTORCH_NEGATE, CTORCH_ABSOLUTE, CTORCH_EXP, CTORCH_LOG, CTORCH_SQRT, CTORCH_RSQRT, CTORCH_SIN, CTORCH_COS,
    CTORCH_TANH, CTORCH_SIGMOID, CTORCH_RELU, CTORCH_SILU, CTORCH_GELU, CTORCH_GELU_TANH, CTORCH_QUICK_GELU,
    CTORCH_ROUND, CTORCH_IS_FINITE, CTORCH_LOGICAL_NOT
} ctorch_unary;
CTORCH_EXPORT ctorch_status ctorch_apply_unary(
    ctorch_unary operation, const ctorch_tensor *tensor, ctorch_tensor **out);

typedef enum ctorch_binary {
    CTORCH_ADD, CTORCH_SUBTRACT, CTORCH_MULTIPLY, CTORCH_DIVIDE, CTORCH_POWER, CTORCH_MAXIMUM, CTORCH_MINIMUM,
    CTORCH_EQUAL, CTORCH_LESS, CTORCH_LESS_OR_EQUAL, CTORCH_GREATER, CTORCH_GREATER_OR_EQUAL,
    CTORCH_LOGICAL_AND, CTORCH_LOGICAL_OR
} ctorch_binary;
CTORCH_EXPORT ctorch_status ctorch_apply_binary(
    ctorch_binary operation, const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_apply_scalar(
    ctorch_binary operation, const ctorch_tensor *a, double b, ctorch_tensor **out);

// a + scale · b
CTORCH_EXPORT ctorch_status ctorch_add_scaled(
    const ctorch_tensor *a, const ctorch_tensor *b, double scale, ctorch_tensor **out);
// a + b · c
CTORCH_EXPORT ctorch_status ctorch_add_product(
    const ctorch_tensor *a, const ctorch_tensor *b, const ctorch_tensor *c, ctorch_tensor **out);
// NaN as a bound: no bound.
CTORCH_EXPORT ctorch_status ctorch_clamp(const ctorch_tensor *tensor, double low, double high, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_where(
    const ctorch_tensor *condition, const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_softmax(
    const ctorch_tensor *tensor, int64_t dimension, ctorch_dtype dtype, ctorch_tensor **out);

typedef enum ctorch_reduction {
    CTORCH_SUM, CTORCH_MEAN, CTORCH_AMAX, CTORCH_AMIN, CTORCH_STANDARD_DEVIATION
} ctorch_reduction;
// No dimension means all. The standard deviation is the population's (divided by n).
CTORCH_EXPORT ctorch_status ctorch_reduce(
    ctorch_reduction operation, const ctorch_tensor *tensor, const int64_t *dimensions, size_t count,
    bool keep_dimensions, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_argmax(
    const ctorch_tensor *tensor, int64_t dimension, bool keep_dimension, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_all(const ctorch_tensor *tensor, bool *value);

// MARK: Networks (network.cpp). Optional tensors may be NULL.

CTORCH_EXPORT ctorch_status ctorch_matmul(const ctorch_tensor *a, const ctorch_tensor *b, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_linear(
    const ctorch_tensor *input, const ctorch_tensor *weight, const ctorch_tensor *bias, ctorch_tensor **out);
// 2-D or 3-D by `spatial` (2 or 3); stride, padding and dilation have that many entries.
CTORCH_EXPORT ctorch_status ctorch_convolution(
    const ctorch_tensor *input, const ctorch_tensor *weight, const ctorch_tensor *bias, size_t spatial,
    const int64_t *stride, const int64_t *padding, const int64_t *dilation, int64_t groups, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_embedding(
    const ctorch_tensor *weight, const ctorch_tensor *indices, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_layer_norm(
    const ctorch_tensor *input, const int64_t *shape, size_t rank, const ctorch_tensor *weight,
    const ctorch_tensor *bias, double epsilon, ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_rms_norm(
    const ctorch_tensor *input, const int64_t *shape, size_t rank, const ctorch_tensor *weight, double epsilon,
    ctorch_tensor **out);
CTORCH_EXPORT ctorch_status ctorch_group_norm(
    const ctorch_tensor *input, int64_t groups, const ctorch_tensor *weight, const ctorch_tensor *bias,
    double epsilon, ctorch_tensor **out);

typedef enum ctorch_attention_backend {
    CTORCH_ATTENTION_AUTOMATIC = 0,  // libtorch chooses
    CTORCH_ATTENTION_MATH = 1,       // the plain formula, any device, materialises the scores
    CTORCH_ATTENTION_FLASH = 2,      // CPU and CUDA; on CUDA without a mask
    CTORCH_ATTENTION_EFFICIENT = 3,  // CUDA
    CTORCH_ATTENTION_CUDNN = 4       // CUDA
} ctorch_attention_backend;
// q [B, H, L, D], k and v [B, H, M, D]; mask broadcast to [B, H, L, M], boolean (true = attend) or added;
// scale NaN: 1/sqrt(D).
CTORCH_EXPORT ctorch_status ctorch_attention(
    const ctorch_tensor *query, const ctorch_tensor *key, const ctorch_tensor *value, const ctorch_tensor *mask,
    bool causal, double scale, ctorch_attention_backend backend, ctorch_tensor **out);

typedef enum ctorch_resampling {
    CTORCH_NEAREST = 0, CTORCH_BILINEAR = 1, CTORCH_BILINEAR_ANTIALIASED = 2, CTORCH_BICUBIC = 3,
    CTORCH_BICUBIC_ANTIALIASED = 4
} ctorch_resampling;
// [N, C, H, W] to [N, C, height, width]; the images' outer edges coincide, as in PIL (align_corners = false).
CTORCH_EXPORT ctorch_status ctorch_resize(
    const ctorch_tensor *input, int64_t height, int64_t width, ctorch_resampling mode, ctorch_tensor **out);

// MARK: Several operators in one pass over memory (fused.cpp, frames.cpp)
//
// Statistics and everything between reading and writing in fp32. Rows do not depend on the number of threads.

// x [..., D] / rms(x over D) · factors (D of them), in the dtype of x.
CTORCH_EXPORT ctorch_status ctorch_modulate(
    const ctorch_tensor *tensor, const ctorch_tensor *factors, double epsilon, ctorch_tensor **out);
// The same plus `base`, of one shape and dtype with `target`, where it is written.
CTORCH_EXPORT ctorch_status ctorch_modulate_onto(
    const ctorch_tensor *target, const ctorch_tensor *factors, const ctorch_tensor *base, double epsilon);
// x [1, N, H, D] / rms(x over D) · factors [D]; then each pair of elements rotated by the angles [N, H, D/2] whose
// cosines and sines are given in fp32, or not where both are NULL; into `target` [1, N, H, D].
CTORCH_EXPORT ctorch_status ctorch_normalise_heads(
    const ctorch_tensor *tensor, const ctorch_tensor *factors, const ctorch_tensor *cosines,
    const ctorch_tensor *sines, double epsilon, const ctorch_tensor *target);
// a · silu(b) of x [..., 2 D] = [a | b]: [..., D].
CTORCH_EXPORT ctorch_status ctorch_gate(const ctorch_tensor *tensor, ctorch_tensor **out);
// silu(group norm) of every frame of x [C, T, H, W] by itself, with weights and biases [C]; into `target` [C, T, H, W].
CTORCH_EXPORT ctorch_status ctorch_activate_frames(
    const ctorch_tensor *tensor, int64_t groups, const ctorch_tensor *weight, const ctorch_tensor *bias,
    double epsilon, const ctorch_tensor *target);
// target += x, where `target` is.
CTORCH_EXPORT ctorch_status ctorch_accumulate(const ctorch_tensor *target, const ctorch_tensor *tensor);

// MARK: Measuring (measure.cpp)

// Nanoseconds that `iterations` bare C++ calls of at::add(a, b) take: what a call from Swift is compared to.
CTORCH_EXPORT ctorch_status ctorch_measure_add(
    const ctorch_tensor *a, const ctorch_tensor *b, int64_t iterations, double *nanoseconds);

#ifdef __cplusplus
}
#endif
#endif
