#pragma once
#include <stddef.h>
#include <stdint.h>

// Kernels over rows of signed bytes. Each operation exists in several variants which give the same integers; the
// best one for the processor is chosen at run time. Quantised values lie in -127...127 (never -128, whose absolute
// value does not fit a signed byte).

/// Instruction sets that a variant may need.
typedef enum {
  CVK_PORTABLE = 0,
  CVK_AVX2 = 1,
  CVK_AVX512 = 2, // AVX-512BW and VNNI
  CVK_NEON = 3,
} cvk_variant;

/// Whether this processor can run `variant`.
int cvk_supports(cvk_variant variant);

/// The variant that the functions without a `variant` parameter use.
cvk_variant cvk_best(void);

/// scores[i] = scale * scales[i] * sum(query[d] * rows[i * dimensions + d]) for i in 0 ..< count.
/// `dimensions` is a multiple of 64.
void cvk_scan_i8(const int8_t *_Nonnull query, float scale, const int8_t *_Nonnull rows, const float *_Nonnull scales,
                 size_t count, size_t dimensions, float *_Nonnull scores);

/// The same by a named variant, for tests; the caller has asked `cvk_supports`.
void cvk_scan_i8_variant(cvk_variant variant, const int8_t *_Nonnull query, float scale, const int8_t *_Nonnull rows,
                         const float *_Nonnull scales, size_t count, size_t dimensions, float *_Nonnull scores);

/// sums[d] += weight * row[d] for d in 0 ..< dimensions. `dimensions` is a multiple of 64.
void cvk_accumulate_i8(float *_Nonnull sums, const int8_t *_Nonnull row, float weight, size_t dimensions);

/// The same by a named variant, for tests.
void cvk_accumulate_i8_variant(cvk_variant variant, float *_Nonnull sums, const int8_t *_Nonnull row, float weight,
                               size_t dimensions);

/// sums[d] = sum of weights[i] * rows[numbers[i] * dimensions + d] for i in 0 ..< count, added in this order from 0 on:
/// the same as cvk_accumulate_i8 for one row after another. `dimensions` is a multiple of 64.
void cvk_sum_rows_i8(const int8_t *_Nonnull rows, const uint32_t *_Nonnull numbers, const float *_Nonnull weights,
                     size_t count, size_t dimensions, float *_Nonnull sums);

/// The same by a named variant, for tests.
void cvk_sum_rows_i8_variant(cvk_variant variant, const int8_t *_Nonnull rows, const uint32_t *_Nonnull numbers,
                             const float *_Nonnull weights, size_t count, size_t dimensions, float *_Nonnull sums);

/// Quantises the unit vector of `values` to signed bytes: values[d] / |values| ≈ codes[d] * result.
/// Returns 0 and zero codes for a vector of zeros.
float cvk_quantise(const float *_Nonnull values, size_t dimensions, int8_t *_Nonnull codes);

/// The same by a named variant, for tests: the same codes; the result may differ in its last bit.
float cvk_quantise_variant(cvk_variant variant, const float *_Nonnull values, size_t dimensions,
                           int8_t *_Nonnull codes);
