// The sums and the quantising of embeddings.
#include "CVectorKernels.h"
#include <math.h>
#include <string.h>

#if defined(__x86_64__)
#include <immintrin.h>
#define HAVE_X86 1
#endif

/// Rows ahead of the one that is added: a vocabulary is larger than the caches near the core.
enum { AHEAD = 4 };

// MARK: Sums

static void sum_rows_one_by_one(cvk_variant variant, const int8_t *rows, const uint32_t *numbers, const float *weights,
                                size_t count, size_t dimensions, float *sums) {
  for (size_t d = 0; d < dimensions; d++) sums[d] = 0;
  for (size_t i = 0; i < count; i++)
    cvk_accumulate_i8_variant(variant, sums, rows + numbers[i] * dimensions, weights[i], dimensions);
}

#if HAVE_X86
/// Sixty-four dimensions at a time stay in registers, while all rows pass by.
__attribute__((target("avx2,fma"))) static void sum_rows_avx2(const int8_t *rows, const uint32_t *numbers,
                                                              const float *weights, size_t count, size_t dimensions,
                                                              float *sums) {
  for (size_t d = 0; d < dimensions; d += 64) {
    __m256 sum[8];
    for (int k = 0; k < 8; k++) sum[k] = _mm256_setzero_ps();
    for (size_t i = 0; i < count; i++) {
      const int8_t *row = rows + numbers[i] * dimensions + d;
      if (i + AHEAD < count) _mm_prefetch((const char *)(rows + numbers[i + AHEAD] * dimensions + d), _MM_HINT_T0);
      const __m256 weight = _mm256_set1_ps(weights[i]);
      for (int k = 0; k < 8; k++) {
        __m128i bytes = _mm_loadl_epi64((const __m128i *)(row + 8 * k));
        sum[k] = _mm256_fmadd_ps(_mm256_cvtepi32_ps(_mm256_cvtepi8_epi32(bytes)), weight, sum[k]);
      }
    }
    for (int k = 0; k < 8; k++) _mm256_storeu_ps(sums + d + 8 * k, sum[k]);
  }
}

/// `width` sixteens of dimensions stay in registers.
#define SUM_ROWS_AVX512(NAME, WIDTH)                                                                                   \
  __attribute__((target("avx512f"))) static void NAME(const int8_t *rows, const uint32_t *numbers,                     \
                                                      const float *weights, size_t count, size_t dimensions, size_t d, \
                                                      float *sums) {                                                   \
    __m512 sum[WIDTH];                                                                                                 \
    for (int k = 0; k < WIDTH; k++) sum[k] = _mm512_setzero_ps();                                                      \
    for (size_t i = 0; i < count; i++) {                                                                               \
      const int8_t *row = rows + numbers[i] * dimensions + d;                                                          \
      if (i + AHEAD < count) {                                                                                         \
        const int8_t *next = rows + numbers[i + AHEAD] * dimensions + d;                                               \
        for (int k = 0; k < WIDTH; k += 4) _mm_prefetch((const char *)(next + 16 * k), _MM_HINT_T0);                   \
      }                                                                                                                \
      const __m512 weight = _mm512_set1_ps(weights[i]);                                                                \
      for (int k = 0; k < WIDTH; k++) {                                                                                \
        __m128i bytes = _mm_loadu_si128((const __m128i *)(row + 16 * k));                                              \
        sum[k] = _mm512_fmadd_ps(_mm512_cvtepi32_ps(_mm512_cvtepi8_epi32(bytes)), weight, sum[k]);                     \
      }                                                                                                                \
    }                                                                                                                  \
    for (int k = 0; k < WIDTH; k++) _mm512_storeu_ps(sums + d + 16 * k, sum[k]);                                       \
  }
SUM_ROWS_AVX512(sum_256_avx512, 16)
SUM_ROWS_AVX512(sum_64_avx512, 4)

static void sum_rows_avx512(const int8_t *rows, const uint32_t *numbers, const float *weights, size_t count,
                            size_t dimensions, float *sums) {
  size_t d = 0;
  for (; d + 256 <= dimensions; d += 256) sum_256_avx512(rows, numbers, weights, count, dimensions, d, sums);
  for (; d < dimensions; d += 64) sum_64_avx512(rows, numbers, weights, count, dimensions, d, sums);
}
#endif

void cvk_sum_rows_i8_variant(cvk_variant variant, const int8_t *rows, const uint32_t *numbers, const float *weights,
                             size_t count, size_t dimensions, float *sums) {
  switch (variant) {
#if HAVE_X86
  case CVK_AVX2:
    sum_rows_avx2(rows, numbers, weights, count, dimensions, sums);
    return;
  case CVK_AVX512:
    sum_rows_avx512(rows, numbers, weights, count, dimensions, sums);
    return;
#endif
  default:
    sum_rows_one_by_one(variant, rows, numbers, weights, count, dimensions, sums);
  }
}

void cvk_sum_rows_i8(const int8_t *rows, const uint32_t *numbers, const float *weights, size_t count,
                     size_t dimensions, float *sums) {
  cvk_sum_rows_i8_variant(cvk_best(), rows, numbers, weights, count, dimensions, sums);
}

// MARK: Quantising

static float quantise_portable(const float *values, size_t dimensions, int8_t *codes) {
  double squares = 0;
  float largest = 0;
  for (size_t d = 0; d < dimensions; d++) {
    float magnitude = fabsf(values[d]);
    squares += (double)values[d] * (double)values[d];
    if (magnitude > largest) largest = magnitude;
  }
  if (!(largest > 0) || !isfinite(squares)) {
    memset(codes, 0, dimensions);
    return 0;
  }
  float factor = 127.0f / largest;
  for (size_t d = 0; d < dimensions; d++) codes[d] = (int8_t)lrintf(values[d] * factor);
  return (float)((double)largest / 127.0 / sqrt(squares));
}

#if HAVE_X86
__attribute__((target("avx2,fma"))) static float quantise_avx2(const float *values, size_t dimensions, int8_t *codes) {
  const __m256 magnitude = _mm256_castsi256_ps(_mm256_set1_epi32(0x7FFFFFFF));
  __m256 largest8 = _mm256_setzero_ps();
  __m256d squares4[4];
  for (int k = 0; k < 4; k++) squares4[k] = _mm256_setzero_pd();
  for (size_t d = 0; d < dimensions; d += 16) {
    __m256 a = _mm256_loadu_ps(values + d), b = _mm256_loadu_ps(values + d + 8);
    // The second operand is taken where one is no number, so that one of those does not hide what came before.
    largest8 = _mm256_max_ps(_mm256_and_ps(a, magnitude), largest8);
    largest8 = _mm256_max_ps(_mm256_and_ps(b, magnitude), largest8);
    __m256d quarters[4] = {_mm256_cvtps_pd(_mm256_castps256_ps128(a)), _mm256_cvtps_pd(_mm256_extractf128_ps(a, 1)),
                           _mm256_cvtps_pd(_mm256_castps256_ps128(b)), _mm256_cvtps_pd(_mm256_extractf128_ps(b, 1))};
    for (int k = 0; k < 4; k++) squares4[k] = _mm256_fmadd_pd(quarters[k], quarters[k], squares4[k]);
  }
  float maxima[8];
  _mm256_storeu_ps(maxima, largest8);
  float largest = 0;
  for (int k = 0; k < 8; k++)
    if (maxima[k] > largest) largest = maxima[k];
  double sums[4];
  _mm256_storeu_pd(sums, _mm256_add_pd(_mm256_add_pd(squares4[0], squares4[1]),
                                       _mm256_add_pd(squares4[2], squares4[3])));
  double squares = sums[0] + sums[1] + sums[2] + sums[3];
  if (!(largest > 0) || !isfinite(squares)) {
    memset(codes, 0, dimensions);
    return 0;
  }
  const __m256 factor = _mm256_set1_ps(127.0f / largest);
  const __m256i order = _mm256_setr_epi32(0, 4, 1, 5, 2, 6, 3, 7);
  for (size_t d = 0; d < dimensions; d += 32) {
    __m256i quads[4];
    for (int k = 0; k < 4; k++)
      quads[k] = _mm256_cvtps_epi32(_mm256_mul_ps(_mm256_loadu_ps(values + d + 8 * k), factor));
    __m256i bytes = _mm256_packs_epi16(_mm256_packs_epi32(quads[0], quads[1]), _mm256_packs_epi32(quads[2], quads[3]));
    _mm256_storeu_si256((__m256i *)(codes + d), _mm256_permutevar8x32_epi32(bytes, order));
  }
  return (float)((double)largest / 127.0 / sqrt(squares));
}
#endif

float cvk_quantise_variant(cvk_variant variant, const float *values, size_t dimensions, int8_t *codes) {
#if HAVE_X86
  if ((variant == CVK_AVX2 || variant == CVK_AVX512) && dimensions % 32 == 0)
    return quantise_avx2(values, dimensions, codes);
#endif
  (void)variant;
  return quantise_portable(values, dimensions, codes);
}

float cvk_quantise(const float *values, size_t dimensions, int8_t *codes) {
  return cvk_quantise_variant(cvk_best(), values, dimensions, codes);
}
