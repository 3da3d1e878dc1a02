#include "boundary.h"

#include <ATen/ops/add.h>

#include <chrono>

using namespace ctorch;

ctorch_status ctorch_measure_add(
    const ctorch_tensor *a, const ctorch_tensor *b, int64_t iterations, double *nanoseconds) {
    return guarded([&] {
        const auto left = borrow(a), right = borrow(b);
        const auto start = std::chrono::steady_clock::now();
        for (int64_t i = 0; i < iterations; ++i) const auto sum = at::add(left, right);
        const std::chrono::duration<double, std::nano> elapsed = std::chrono::steady_clock::now() - start;
        *nanoseconds = elapsed.count();
    });
}
