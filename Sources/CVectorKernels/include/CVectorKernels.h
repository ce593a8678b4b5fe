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

/// The same for the rows at `positions` only, in any order: scores[i] is that of row positions[i].
void cvk_scan_i8_at(const int8_t *_Nonnull query, float scale, const int8_t *_Nonnull rows,
                    const float *_Nonnull scales, const uint32_t *_Nonnull positions, size_t count, size_t dimensions,
                    float *_Nonnull scores);

/// Either by a named variant, for tests; the caller has asked `cvk_supports`. Without `positions` all rows.
void cvk_scan_i8_variant(cvk_variant variant, const int8_t *_Nonnull query, float scale, const int8_t *_Nonnull rows,
                         const float *_Nonnull scales, const uint32_t *_Nullable positions, size_t count,
                         size_t dimensions, float *_Nonnull scores);

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

// Sign codes: of each dimension of a vector only whether it is negative, and one factor a vector that makes the
// product with a query an unbiased estimate of the cosine (RaBitQ; Gao and Long, 2024). An eighth of the bytes of the
// rows themselves, to tell which of them are worth being looked at.
//
// Rows lie in blocks of `CVK_BLOCK`, transposed: byte j of row r of a block is byte 64 j + r of it, and bit b of that
// byte is dimension 8 j + b. So one instruction looks four dimensions of many rows up in a table of sixteen sums.

/// Rows of a block; the last block of a segment is filled up with zeros.
#define CVK_BLOCK 64

/// Bytes of the sign codes of `count` rows.
size_t cvk_sign_bytes(size_t count, size_t dimensions);

/// Floats of the factors of `count` rows: whole blocks.
size_t cvk_sign_factors(size_t count);

/// Writes the sign codes and the factors of unit vectors, as `cvk_quantise` made them.
void cvk_sign_encode(const int8_t *_Nonnull rows, const float *_Nonnull scales, size_t count, size_t dimensions,
                     uint8_t *_Nonnull codes, float *_Nonnull factors);

/// The same by a named variant, for tests.
void cvk_sign_encode_variant(cvk_variant variant, const int8_t *_Nonnull rows, const float *_Nonnull scales,
                             size_t count, size_t dimensions, uint8_t *_Nonnull codes, float *_Nonnull factors);

/// A query as the tables of its sums: sixteen bytes for every four dimensions.
/// `tables` has room for 4 * dimensions bytes. The sum of the looked-up bytes is at most 65,535 and
/// `step * sum + bias` the product of the signs with the query.
void cvk_sign_tables(const int8_t *_Nonnull query, float scale, size_t dimensions, uint8_t *_Nonnull tables,
                     float *_Nonnull step, float *_Nonnull bias);

/// scores[i] = factors[i] * (step * sum_i + bias) for all rows of `blocks` whole blocks.
void cvk_sign_scan(const uint8_t *_Nonnull tables, float step, float bias, const uint8_t *_Nonnull codes,
                   const float *_Nonnull factors, size_t blocks, size_t dimensions, float *_Nonnull scores);

/// The same by a named variant, for tests. All variants give the same bits.
void cvk_sign_scan_variant(cvk_variant variant, const uint8_t *_Nonnull tables, float step, float bias,
                           const uint8_t *_Nonnull codes, const float *_Nonnull factors, size_t blocks,
                           size_t dimensions, float *_Nonnull scores);

/// Writes the positions of the values above `threshold`, ascending, and returns how many there are; there is room for
/// `count`. The bits of floating-point numbers may be given, if the threshold is not negative: they order the same.
size_t cvk_select_above(const int32_t *_Nonnull values, size_t count, int32_t threshold,
                        uint32_t *_Nonnull positions);

/// The same by a named variant, for tests.
size_t cvk_select_above_variant(cvk_variant variant, const int32_t *_Nonnull values, size_t count, int32_t threshold,
                                uint32_t *_Nonnull positions);

/// sums[documents[i]] += weight * impacts[i], modulo 2^32, for i in 0 ..< count. Documents are distinct.
void cvk_add_postings(const uint32_t *_Nonnull documents, const uint16_t *_Nonnull impacts, size_t count,
                      uint32_t weight, uint32_t *_Nonnull sums);

/// sums[positions[i]] += weight * impact of document positions[i], for those of the ascending positions that are among
/// the ascending documents.
void cvk_look_up_postings(const uint32_t *_Nonnull documents, const uint16_t *_Nonnull impacts, size_t count,
                          uint32_t weight, const uint32_t *_Nonnull positions, size_t wanted,
                          uint32_t *_Nonnull sums);

/// Writes those of some documents whose sums are above `threshold`, in their order, and returns how many there are;
/// there is room for `count`.
size_t cvk_collect_above(const uint32_t *_Nonnull documents, size_t count, const uint32_t *_Nonnull sums,
                         uint32_t threshold, uint32_t *_Nonnull positions);

/// sums[documents[i]] = 0 for i in 0 ..< count.
void cvk_clear_postings(const uint32_t *_Nonnull documents, size_t count, uint32_t *_Nonnull sums);

/// Brings positions below `size` into ascending order, each once, and returns how many are left. `bits` has room for
/// `size` bits, all zero before and after.
size_t cvk_order_positions(uint32_t *_Nonnull positions, size_t count, uint64_t *_Nonnull bits, size_t size);

/// Sorts entries by their upper 32 bits, which ascend afterwards; `spare` has room for as many.
void cvk_sort_upper(uint64_t *_Nonnull entries, uint64_t *_Nonnull spare, size_t count);
