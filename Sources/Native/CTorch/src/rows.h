// The arithmetic of fused.cpp and frames.cpp on one row of memory, for the CPU: fp32 or bf16 in and out, fp32 in
// between.
//
// A row is always one thread's, from its first element to its last, so that nothing depends on the number of threads.
#pragma once

#include <cmath>
#include <cstdint>
#include <cstring>

// The build's flags are those of the oldest CPU; these functions are compiled for newer ones, too, and the loader takes
// the best. By level: names of single CPUs, as "arch=haswell", are only ever chosen on CPUs of that maker.
#if defined(__x86_64__) && defined(__GNUC__) && !defined(__clang__)
#define CTORCH_CLONED __attribute__((target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default"), optimize("O3")))
#else
#define CTORCH_CLONED
#endif
#define CTORCH_LAMBDA __attribute__((always_inline))
#define CTORCH_INLINE inline __attribute__((always_inline))

namespace ctorch::rows {

// Independent sums that a vector register holds; their order is fixed.
constexpr int64_t lanes = 16;

struct Half {
    uint16_t bits;
};

CTORCH_INLINE float widen(float value) { return value; }

CTORCH_INLINE float widen(Half value) {
    const uint32_t bits = static_cast<uint32_t>(value.bits) << 16;
    float wide;
    std::memcpy(&wide, &bits, sizeof wide);
    return wide;
}

CTORCH_INLINE void narrow(float value, float &target) { target = value; }

// To the nearest, halves to even. Not for NaN, whose payload may round to infinity: `quiet` keeps it one.
CTORCH_INLINE void narrow(float value, Half &target) {
    uint32_t bits;
    std::memcpy(&bits, &value, sizeof bits);
    const uint32_t rounded = (bits + 0x7fffU + ((bits >> 16) & 1U)) >> 16;
    const uint32_t quiet = (bits >> 16) | 0x40U;
    target.bits = static_cast<uint16_t>((bits & 0x7fffffffU) > 0x7f800000U ? quiet : rounded);
}

// e^x within 2 ulp: 2^n · e^r with |r| ≤ ln(2)/2 (Cephes, expf.c). Ends are cut off where e^x leaves fp32.
CTORCH_INLINE float exponential(float x) {
    x = x > 88.0f ? 88.0f : (x < -87.0f ? -87.0f : x);
    // Adding and subtracting 1.5 · 2^23 rounds to an integer.
    const float n = (x * 1.44269504088896341f + 12582912.0f) - 12582912.0f;
    const float r = (x - n * 0.693359375f) + n * 2.12194440e-4f;
    float p = 1.9875691500e-4f;
    p = p * r + 1.3981999507e-3f;
    p = p * r + 8.3334519073e-3f;
    p = p * r + 4.1665795894e-2f;
    p = p * r + 1.6666665459e-1f;
    p = p * r + 5.0000001201e-1f;
    p = p * r * r + r + 1.0f;
    const int32_t power = (static_cast<int32_t>(n) + 127) << 23;
    float scale;
    std::memcpy(&scale, &power, sizeof scale);
    return p * scale;
}

CTORCH_INLINE float silu(float x) { return x / (1.0f + exponential(-x)); }

CTORCH_INLINE float sumOf(const float (&partial)[lanes]) {
    float sum = 0;
    for (int64_t lane = 0; lane < lanes; ++lane) sum += partial[lane];
    return sum;
}

template <typename T>
CTORCH_INLINE float sumOfSquares(const T *x, int64_t count, float shift) {
    float partial[lanes] = {};
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        for (int64_t lane = 0; lane < lanes; ++lane) {
            const float value = widen(x[i + lane]) - shift;
            partial[lane] += value * value;
        }
    }
    for (; i < count; ++i) partial[0] += (widen(x[i]) - shift) * (widen(x[i]) - shift);
    return sumOf(partial);
}

template <typename T>
CTORCH_INLINE float sum(const T *x, int64_t count) {
    float partial[lanes] = {};
    int64_t i = 0;
    for (; i + lanes <= count; i += lanes) {
        for (int64_t lane = 0; lane < lanes; ++lane) partial[lane] += widen(x[i + lane]);
    }
    for (; i < count; ++i) partial[0] += widen(x[i]);
    return sumOf(partial);
}

// Writes `value(i)` for every i. Computed into a block of its own first: where y is x, the compiler would otherwise not
// use vector registers.
template <typename T, typename Value>
CTORCH_INLINE void write(int64_t count, T *y, const Value &value) {
    constexpr int64_t block = 64;
    float values[block];
    for (int64_t start = 0; start < count; start += block) {
        const int64_t length = count - start < block ? count - start : block;
        for (int64_t i = 0; i < length; ++i) values[i] = value(start + i);
        for (int64_t i = 0; i < length; ++i) narrow(values[i], y[start + i]);
    }
}

template <typename T>
CTORCH_INLINE float inverseRootMeanSquare(const T *x, int64_t count, float epsilon) {
    return 1.0f / std::sqrt(sumOfSquares(x, count, 0) / static_cast<float>(count) + epsilon);
}

// y = x / rms(x) · scale, plus `residual` where there is one; y may be x.
template <typename T>
CTORCH_INLINE void modulate(
    const T *x, const float *scale, const T *residual, float epsilon, int64_t count, T *y) {
    const float factor = inverseRootMeanSquare(x, count, epsilon);
    if (residual) {
        write(count, y, [=](int64_t i) CTORCH_LAMBDA {
            return widen(residual[i]) + widen(x[i]) * factor * scale[i];
        });
    } else {
        write(count, y, [=](int64_t i) CTORCH_LAMBDA { return widen(x[i]) * factor * scale[i]; });
    }
}

// One head: normalised, weighted, and rotated where there are angles; y may be x.
template <typename T>
CTORCH_INLINE void normaliseHead(
    const T *x, const float *weight, const float *cosine, const float *sine, float epsilon, int64_t count, T *y) {
    const float factor = inverseRootMeanSquare(x, count, epsilon);
    if (!cosine) {
        write(count, y, [=](int64_t i) CTORCH_LAMBDA { return widen(x[i]) * factor * weight[i]; });
        return;
    }
    constexpr int64_t block = 64;
    float even[block], odd[block];
    for (int64_t start = 0; start < count / 2; start += block) {
        const int64_t length = count / 2 - start < block ? count / 2 - start : block;
        for (int64_t i = 0; i < length; ++i) {
            const int64_t pair = start + i;
            const float a = widen(x[2 * pair]) * factor * weight[2 * pair];
            const float b = widen(x[2 * pair + 1]) * factor * weight[2 * pair + 1];
            even[i] = a * cosine[pair] - b * sine[pair];
            odd[i] = a * sine[pair] + b * cosine[pair];
        }
        for (int64_t i = 0; i < length; ++i) {
            narrow(even[i], y[2 * (start + i)]);
            narrow(odd[i], y[2 * (start + i) + 1]);
        }
    }
}

// y = a · silu(b)
template <typename T>
CTORCH_INLINE void gate(const T *a, const T *b, int64_t count, T *y) {
    write(count, y, [=](int64_t i) CTORCH_LAMBDA { return widen(a[i]) * silu(widen(b[i])); });
}

// y = silu((x - mean) · factor + shift)
template <typename T>
CTORCH_INLINE void activate(const T *x, float mean, float factor, float shift, int64_t count, T *y) {
    write(count, y, [=](int64_t i) CTORCH_LAMBDA { return silu((widen(x[i]) - mean) * factor + shift); });
}

}  // namespace ctorch::rows
