#include "CVectorKernels.h"
#include "Variants.h"
#include <math.h>
#include <string.h>

// Where `positions` is given, the scans look at those rows only. Such rows lie apart, so the processor cannot foresee
// them: they are asked for some rounds ahead.
#define ROW(i) (positions ? positions[i] : (i))
#define AHEAD 8

static inline void prefetch_row(const int8_t *rows, const uint32_t *positions, size_t i, size_t count,
                                size_t dimensions) {
  if (!positions || i + AHEAD >= count) return;
  const int8_t *row = rows + (size_t)positions[i + AHEAD] * dimensions;
  for (size_t d = 0; d < dimensions; d += 64) __builtin_prefetch(row + d);
}

// MARK: Portable

static void scan_portable(const int8_t *query, float scale, const int8_t *rows, const float *scales,
                          const uint32_t *positions, size_t count, size_t dimensions, float *scores) {
  for (size_t i = 0; i < count; i++) {
    const int8_t *row = rows + ROW(i) * dimensions;
    int32_t sum = 0;
    for (size_t d = 0; d < dimensions; d++) sum += (int32_t)query[d] * (int32_t)row[d];
    scores[i] = scale * scales[ROW(i)] * (float)sum;
  }
}

static void accumulate_portable(float *sums, const int8_t *row, float weight, size_t dimensions) {
  for (size_t d = 0; d < dimensions; d++) sums[d] += weight * (float)row[d];
}

// MARK: x86-64

#if HAVE_X86
__attribute__((target("avx2,fma"))) static void scan_avx2(const int8_t *query, float scale, const int8_t *rows,
                                                          const float *scales, const uint32_t *positions, size_t count,
                                                          size_t dimensions, float *scores) {
  const __m256i ones = _mm256_set1_epi16(1);
  for (size_t i = 0; i < count; i++) {
    prefetch_row(rows, positions, i, count, dimensions);
    const int8_t *row = rows + ROW(i) * dimensions;
    __m256i sum0 = _mm256_setzero_si256(), sum1 = _mm256_setzero_si256();
    for (size_t d = 0; d < dimensions; d += 64) {
      // maddubs wants one unsigned side: |q| and r with q's sign. 2 * 127 * 127 fits its 16-bit sums.
      __m256i q0 = _mm256_loadu_si256((const __m256i *)(query + d));
      __m256i q1 = _mm256_loadu_si256((const __m256i *)(query + d + 32));
      __m256i r0 = _mm256_loadu_si256((const __m256i *)(row + d));
      __m256i r1 = _mm256_loadu_si256((const __m256i *)(row + d + 32));
      __m256i p0 = _mm256_maddubs_epi16(_mm256_abs_epi8(q0), _mm256_sign_epi8(r0, q0));
      __m256i p1 = _mm256_maddubs_epi16(_mm256_abs_epi8(q1), _mm256_sign_epi8(r1, q1));
      sum0 = _mm256_add_epi32(sum0, _mm256_madd_epi16(p0, ones));
      sum1 = _mm256_add_epi32(sum1, _mm256_madd_epi16(p1, ones));
    }
    __m256i sum = _mm256_add_epi32(sum0, sum1);
    __m128i half = _mm_add_epi32(_mm256_castsi256_si128(sum), _mm256_extracti128_si256(sum, 1));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0x4E));
    half = _mm_add_epi32(half, _mm_shuffle_epi32(half, 0xB1));
    scores[i] = scale * scales[ROW(i)] * (float)_mm_cvtsi128_si32(half);
  }
}

__attribute__((target("avx512f,avx512bw,avx512vnni"))) static void scan_avx512(const int8_t *query, float scale,
                                                                               const int8_t *rows, const float *scales,
                                                                               const uint32_t *positions, size_t count,
                                                                               size_t dimensions, float *scores) {
  // dpbusd takes unsigned times signed: add 128 to the row's bytes and subtract 128 * sum(query) once.
  int32_t query_sum = 0;
  for (size_t d = 0; d < dimensions; d++) query_sum += query[d];
  const int32_t correction = 128 * query_sum;
  const __m512i flip = _mm512_set1_epi8((char)0x80);
  for (size_t i = 0; i < count; i++) {
    prefetch_row(rows, positions, i, count, dimensions);
    const int8_t *row = rows + ROW(i) * dimensions;
    __m512i sum = _mm512_setzero_si512();
    for (size_t d = 0; d < dimensions; d += 64) {
      __m512i q = _mm512_loadu_si512((const void *)(query + d));
      __m512i r = _mm512_xor_si512(_mm512_loadu_si512((const void *)(row + d)), flip);
      sum = _mm512_dpbusd_epi32(sum, r, q);
    }
    scores[i] = scale * scales[ROW(i)] * (float)(_mm512_reduce_add_epi32(sum) - correction);
  }
}

__attribute__((target("avx2,fma"))) static void accumulate_avx2(float *sums, const int8_t *row, float weight,
                                                                size_t dimensions) {
  const __m256 w = _mm256_set1_ps(weight);
  for (size_t d = 0; d < dimensions; d += 8) {
    __m128i bytes = _mm_loadl_epi64((const __m128i *)(row + d));
    __m256 values = _mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes));
    _mm256_storeu_ps(sums + d, _mm256_fmadd_ps(values, w, _mm256_loadu_ps(sums + d)));
  }
}
#endif

// MARK: AArch64

#if HAVE_NEON
static void scan_neon(const int8_t *query, float scale, const int8_t *rows, const float *scales,
                      const uint32_t *positions, size_t count, size_t dimensions, float *scores) {
  for (size_t i = 0; i < count; i++) {
    prefetch_row(rows, positions, i, count, dimensions);
    const int8_t *row = rows + ROW(i) * dimensions;
    int32x4_t sum = vdupq_n_s32(0);
    for (size_t d = 0; d < dimensions; d += 16) {
      int8x16_t q = vld1q_s8(query + d), r = vld1q_s8(row + d);
      sum = vpadalq_s16(sum, vmull_s8(vget_low_s8(q), vget_low_s8(r)));
      sum = vpadalq_s16(sum, vmull_s8(vget_high_s8(q), vget_high_s8(r)));
    }
    scores[i] = scale * scales[ROW(i)] * (float)vaddvq_s32(sum);
  }
}

static void accumulate_neon(float *sums, const int8_t *row, float weight, size_t dimensions) {
  for (size_t d = 0; d < dimensions; d += 8) {
    int16x8_t wide = vmovl_s8(vld1_s8(row + d));
    float32x4_t low = vcvtq_f32_s32(vmovl_s16(vget_low_s16(wide)));
    float32x4_t high = vcvtq_f32_s32(vmovl_s16(vget_high_s16(wide)));
    vst1q_f32(sums + d, vmlaq_n_f32(vld1q_f32(sums + d), low, weight));
    vst1q_f32(sums + d + 4, vmlaq_n_f32(vld1q_f32(sums + d + 4), high, weight));
  }
}
#endif

// MARK: Dispatch

int cvk_supports(cvk_variant variant) {
  switch (variant) {
  case CVK_PORTABLE:
    return 1;
#if HAVE_X86
  case CVK_AVX2:
    return __builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma");
  case CVK_AVX512:
    return __builtin_cpu_supports("avx512f") && __builtin_cpu_supports("avx512bw") &&
           __builtin_cpu_supports("avx512vnni");
#endif
#if HAVE_NEON
  case CVK_NEON:
    return 1;
#endif
  default:
    return 0;
  }
}

cvk_variant cvk_best(void) {
  if (cvk_supports(CVK_AVX512)) return CVK_AVX512;
  if (cvk_supports(CVK_AVX2)) return CVK_AVX2;
  if (cvk_supports(CVK_NEON)) return CVK_NEON;
  return CVK_PORTABLE;
}

void cvk_scan_i8_variant(cvk_variant variant, const int8_t *query, float scale, const int8_t *rows,
                         const float *scales, const uint32_t *positions, size_t count, size_t dimensions,
                         float *scores) {
  switch (variant) {
#if HAVE_X86
  case CVK_AVX2:
    scan_avx2(query, scale, rows, scales, positions, count, dimensions, scores);
    return;
  case CVK_AVX512:
    scan_avx512(query, scale, rows, scales, positions, count, dimensions, scores);
    return;
#endif
#if HAVE_NEON
  case CVK_NEON:
    scan_neon(query, scale, rows, scales, positions, count, dimensions, scores);
    return;
#endif
  default:
    scan_portable(query, scale, rows, scales, positions, count, dimensions, scores);
  }
}

void cvk_scan_i8(const int8_t *query, float scale, const int8_t *rows, const float *scales, size_t count,
                 size_t dimensions, float *scores) {
  cvk_scan_i8_variant(cvk_best(), query, scale, rows, scales, NULL, count, dimensions, scores);
}

void cvk_scan_i8_at(const int8_t *query, float scale, const int8_t *rows, const float *scales,
                    const uint32_t *positions, size_t count, size_t dimensions, float *scores) {
  cvk_scan_i8_variant(cvk_best(), query, scale, rows, scales, positions, count, dimensions, scores);
}

void cvk_accumulate_i8_variant(cvk_variant variant, float *sums, const int8_t *row, float weight, size_t dimensions) {
  switch (variant) {
#if HAVE_X86
  case CVK_AVX2:
  case CVK_AVX512:
    accumulate_avx2(sums, row, weight, dimensions);
    return;
#endif
#if HAVE_NEON
  case CVK_NEON:
    accumulate_neon(sums, row, weight, dimensions);
    return;
#endif
  default:
    accumulate_portable(sums, row, weight, dimensions);
  }
}

void cvk_accumulate_i8(float *sums, const int8_t *row, float weight, size_t dimensions) {
  cvk_accumulate_i8_variant(cvk_best(), sums, row, weight, dimensions);
}
