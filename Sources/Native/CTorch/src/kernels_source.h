// CUDA C++ for kernels.cpp, compiled by NVRTC for the device at hand: no compiler of CUDA's is needed to build.
//
// Values are bf16 in pairs, computed in fp32 and rounded once. Aligned loads of 16 bytes; a row is one block's, a head
// one warp's.
#pragma once

namespace ctorch::kernels {

constexpr const char *source = R"cuda(
typedef unsigned int u32;
typedef unsigned long long u64;

__device__ float low(u32 pair) { return __uint_as_float(pair << 16); }
__device__ float high(u32 pair) { return __uint_as_float(pair & 0xffff0000u); }

// To the nearest, halves to even; NaN stays one.
__device__ u32 narrow(float value) {
    const u32 bits = __float_as_uint(value);
    if ((bits & 0x7fffffffu) > 0x7f800000u) return (bits >> 16) | 0x40u;
    return (bits + 0x7fffu + ((bits >> 16) & 1u)) >> 16;
}

__device__ u32 join(float first, float second) { return narrow(first) | (narrow(second) << 16); }

__device__ float sumOfWarp(float value) {
    for (int step = 16; step > 0; step >>= 1) value += __shfl_xor_sync(0xffffffffu, value, step);
    return value;
}

__device__ float sumOfBlock(float value) {
    __shared__ float warps[32];
    value = sumOfWarp(value);
    if (threadIdx.x % 32 == 0) warps[threadIdx.x / 32] = value;
    __syncthreads();
    value = threadIdx.x % 32 < blockDim.x / 32 ? warps[threadIdx.x % 32] : 0.0f;
    return sumOfWarp(value);
}

__device__ float squares(u32 pair) { return low(pair) * low(pair) + high(pair) * high(pair); }

__device__ u32 scaled(u32 pair, float factor, float first, float second) {
    return join(low(pair) * factor * first, high(pair) * factor * second);
}

__device__ u32 scaledOnto(u32 base, u32 pair, float factor, float first, float second) {
    return join(low(pair) * factor * first + low(base), high(pair) * factor * second + high(base));
}

// x, y and residual: rows of `chunks` times 8; residual may be null, y may be x.
extern "C" __global__ void modulate(
    const uint4 *x, const float4 *scale, const uint4 *residual, float epsilon, int chunks, uint4 *y) {
    const u64 row = (u64)blockIdx.x * chunks;
    float sum = 0.0f;
    for (int i = threadIdx.x; i < chunks; i += blockDim.x) {
        const uint4 v = x[row + i];
        sum += squares(v.x) + squares(v.y) + squares(v.z) + squares(v.w);
    }
    const float factor = rsqrtf(sumOfBlock(sum) / (8.0f * chunks) + epsilon);
    for (int i = threadIdx.x; i < chunks; i += blockDim.x) {
        uint4 v = x[row + i];
        const float4 s = scale[2 * i], t = scale[2 * i + 1];
        if (residual) {
            const uint4 r = residual[row + i];
            v.x = scaledOnto(r.x, v.x, factor, s.x, s.y);
            v.y = scaledOnto(r.y, v.y, factor, s.z, s.w);
            v.z = scaledOnto(r.z, v.z, factor, t.x, t.y);
            v.w = scaledOnto(r.w, v.w, factor, t.z, t.w);
        } else {
            v.x = scaled(v.x, factor, s.x, s.y);
            v.y = scaled(v.y, factor, s.z, s.w);
            v.z = scaled(v.z, factor, t.x, t.y);
            v.w = scaled(v.w, factor, t.z, t.w);
        }
        y[row + i] = v;
    }
}

// x and y: rows of `heads` heads next to each other, each of `pairs` (at most 128) pairs, the rows `xRow` and `yRow`
// pairs apart. The angles lie without gaps; they may be null.
extern "C" __global__ void normaliseHeads(
    const u32 *x, const float *weight, const float *cosine, const float *sine, float epsilon, int heads, int pairs,
    u64 count, u64 xRow, u64 yRow, u32 *y) {
    const u64 head = ((u64)blockIdx.x * blockDim.x + threadIdx.x) / 32;
    if (head >= count) return;
    const int lane = threadIdx.x % 32;
    const u64 row = head / heads, place = (head % heads) * pairs;
    const u32 *from = x + row * xRow + place;
    u32 *to = y + row * yRow + place;
    u32 values[4];
    float sum = 0.0f;
#pragma unroll
    for (int k = 0; k < 4; ++k) {
        const int pair = lane + 32 * k;
        if (pair < pairs) {
            values[k] = from[pair];
            sum += squares(values[k]);
        }
    }
    const float factor = rsqrtf(sumOfWarp(sum) / (2.0f * pairs) + epsilon);
#pragma unroll
    for (int k = 0; k < 4; ++k) {
        const int pair = lane + 32 * k;
        if (pair < pairs) {
            const float even = low(values[k]) * factor * weight[2 * pair];
            const float odd = high(values[k]) * factor * weight[2 * pair + 1];
            if (cosine) {
                const float c = cosine[head * pairs + pair], s = sine[head * pairs + pair];
                to[pair] = join(even * c - odd * s, even * s + odd * c);
            } else {
                to[pair] = join(even, odd);
            }
        }
    }
}

__device__ float gated(float a, float b) { return a * (b / (1.0f + __expf(-b))); }

__device__ u32 gatedPair(u32 a, u32 b) { return join(gated(low(a), low(b)), gated(high(a), high(b))); }

// Rows of x: `chunks` times 8 of a, then as many of b.
extern "C" __global__ void gate(const uint4 *x, int chunks, u64 count, uint4 *y) {
    const u64 index = (u64)blockIdx.x * blockDim.x + threadIdx.x;
    if (index >= count) return;
    const u64 row = index / chunks, place = index % chunks;
    const uint4 a = x[row * 2 * chunks + place], b = x[(row * 2 + 1) * chunks + place];
    uint4 v;
    v.x = gatedPair(a.x, b.x);
    v.y = gatedPair(a.y, b.y);
    v.z = gatedPair(a.z, b.z);
    v.w = gatedPair(a.w, b.w);
    y[index] = v;
}
)cuda";

}  // namespace ctorch::kernels
