#include "CVectorKernels.h"
#include "Variants.h"
#include <string.h>

// The estimates of all variants shall be equal to the bit: no multiplication is fused with an addition.
#pragma STDC FP_CONTRACT OFF

size_t cvk_sign_factors(size_t count) { return (count + CVK_BLOCK - 1) / CVK_BLOCK * CVK_BLOCK; }

size_t cvk_sign_bytes(size_t count, size_t dimensions) { return cvk_sign_factors(count) * (dimensions / 8); }

// MARK: Encoding

/// The reciprocal of the sum of a unit vector's magnitudes: with it, signs times query estimates the cosine.
static inline float factor_of(float scale, uint32_t magnitudes) {
  float sum = scale * (float)magnitudes;
  return sum > 0 ? 1.0f / sum : 0.0f;
}

static void encode_portable(const int8_t *rows, const float *scales, size_t count, size_t dimensions, uint8_t *codes,
                            float *factors) {
  const size_t width = dimensions / 8;
  for (size_t i = 0; i < count; i++) {
    const int8_t *row = rows + i * dimensions;
    uint8_t *place = codes + i / CVK_BLOCK * CVK_BLOCK * width + i % CVK_BLOCK;
    uint32_t magnitudes = 0;
    for (size_t j = 0; j < width; j++) {
      uint8_t bits = 0;
      for (size_t b = 0; b < 8; b++) {
        int value = row[8 * j + b];
        bits |= (uint8_t)((value >= 0) << b);
        magnitudes += (uint32_t)(value < 0 ? -value : value);
      }
      place[j * CVK_BLOCK] = bits;
    }
    factors[i] = factor_of(scales[i], magnitudes);
  }
}

#if HAVE_X86
__attribute__((target("avx2"))) static void encode_avx2(const int8_t *rows, const float *scales, size_t count,
                                                        size_t dimensions, uint8_t *codes, float *factors) {
  const size_t width = dimensions / 8;
  const __m256i zero = _mm256_setzero_si256();
  for (size_t i = 0; i < count; i++) {
    const int8_t *row = rows + i * dimensions;
    uint8_t *place = codes + i / CVK_BLOCK * CVK_BLOCK * width + i % CVK_BLOCK;
    __m256i sums = zero;
    for (size_t j = 0; j < width; j += 4) {
      __m256i values = _mm256_loadu_si256((const __m256i *)(row + 8 * j));
      uint32_t bits = ~(uint32_t)_mm256_movemask_epi8(values);
      place[j * CVK_BLOCK] = (uint8_t)bits;
      place[(j + 1) * CVK_BLOCK] = (uint8_t)(bits >> 8);
      place[(j + 2) * CVK_BLOCK] = (uint8_t)(bits >> 16);
      place[(j + 3) * CVK_BLOCK] = (uint8_t)(bits >> 24);
      sums = _mm256_add_epi64(sums, _mm256_sad_epu8(_mm256_abs_epi8(values), zero));
    }
    __m128i half = _mm_add_epi64(_mm256_castsi256_si128(sums), _mm256_extracti128_si256(sums, 1));
    uint32_t magnitudes = (uint32_t)(_mm_cvtsi128_si64(half) + _mm_extract_epi64(half, 1));
    factors[i] = factor_of(scales[i], magnitudes);
  }
}
#endif

#if HAVE_NEON
static void encode_neon(const int8_t *rows, const float *scales, size_t count, size_t dimensions, uint8_t *codes,
                        float *factors) {
  const size_t width = dimensions / 8;
  static const uint8_t weights[16] = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  const uint8x16_t bit = vld1q_u8(weights);
  for (size_t i = 0; i < count; i++) {
    const int8_t *row = rows + i * dimensions;
    uint8_t *place = codes + i / CVK_BLOCK * CVK_BLOCK * width + i % CVK_BLOCK;
    uint32_t magnitudes = 0;
    for (size_t j = 0; j < width; j += 2) {
      int8x16_t values = vld1q_s8(row + 8 * j);
      uint8x16_t bits = vandq_u8(vcgeq_s8(values, vdupq_n_s8(0)), bit);
      place[j * CVK_BLOCK] = vaddv_u8(vget_low_u8(bits));
      place[(j + 1) * CVK_BLOCK] = vaddv_u8(vget_high_u8(bits));
      magnitudes += vaddlvq_u8(vreinterpretq_u8_s8(vabsq_s8(values)));
    }
    factors[i] = factor_of(scales[i], magnitudes);
  }
}
#endif

void cvk_sign_encode_variant(cvk_variant variant, const int8_t *rows, const float *scales, size_t count,
                             size_t dimensions, uint8_t *codes, float *factors) {
  // The rest of the last block: rows that no estimate comes from.
  const size_t width = dimensions / 8, whole = count / CVK_BLOCK * CVK_BLOCK, all = cvk_sign_factors(count);
  memset(codes + whole * width, 0, (all - whole) * width);
  memset(factors + whole, 0, (all - whole) * sizeof(float));
  switch (variant) {
#if HAVE_X86
  case CVK_AVX2:
  case CVK_AVX512:
    encode_avx2(rows, scales, count, dimensions, codes, factors);
    return;
#endif
#if HAVE_NEON
  case CVK_NEON:
    encode_neon(rows, scales, count, dimensions, codes, factors);
    return;
#endif
  default:
    encode_portable(rows, scales, count, dimensions, codes, factors);
  }
}

void cvk_sign_encode(const int8_t *rows, const float *scales, size_t count, size_t dimensions, uint8_t *codes,
                     float *factors) {
  cvk_sign_encode_variant(cvk_best(), rows, scales, count, dimensions, codes, factors);
}

// MARK: Tables

void cvk_sign_tables(const int8_t *query, float scale, size_t dimensions, uint8_t *tables, float *step, float *bias) {
  const size_t groups = dimensions / 4;
  int32_t total = 0, widest = 1;
  for (size_t g = 0; g < groups; g++) {
    int32_t sum = 0;
    for (size_t b = 0; b < 4; b++) sum += query[4 * g + b] < 0 ? -query[4 * g + b] : query[4 * g + b];
    total += sum;
    if (2 * sum > widest) widest = 2 * sum;
  }
  // Two looked-up bytes are added in eight bits, all of them in sixteen.
  size_t most = 65535 / groups;
  int32_t top = most < 127 ? (int32_t)most : 127;
  if (widest < top) top = widest;
  for (size_t g = 0; g < groups; g++) {
    for (unsigned n = 0; n < 16; n++) {
      // Twice the magnitudes whose sign agrees: the product plus the sum of magnitudes, never negative.
      int32_t sum = 0;
      for (size_t b = 0; b < 4; b++) {
        int32_t value = query[4 * g + b];
        if ((value >= 0) == ((n >> b & 1) != 0)) sum += 2 * (value < 0 ? -value : value);
      }
      tables[16 * g + n] = (uint8_t)((sum * top + widest / 2) / widest);
    }
  }
  *step = scale * (float)widest / (float)top;
  *bias = -scale * (float)total;
}

// MARK: Scanning

static inline void finish_portable(const uint16_t *sums, float step, float bias, const float *factors, size_t count,
                                   float *scores) {
  for (size_t r = 0; r < count; r++) scores[r] = factors[r] * (step * (float)sums[r] + bias);
}

static void sign_scan_portable(const uint8_t *tables, float step, float bias, const uint8_t *codes,
                               const float *factors, size_t blocks, size_t dimensions, float *scores) {
  const size_t width = dimensions / 8;
  for (size_t block = 0; block < blocks; block++) {
    const uint8_t *code = codes + block * CVK_BLOCK * width;
    uint16_t sums[CVK_BLOCK] = {0};
    for (size_t j = 0; j < width; j++) {
      const uint8_t *low = tables + 32 * j, *high = low + 16;
      for (size_t r = 0; r < CVK_BLOCK; r++) {
        uint8_t bits = code[j * CVK_BLOCK + r];
        sums[r] = (uint16_t)(sums[r] + low[bits & 15] + high[bits >> 4]);
      }
    }
    finish_portable(sums, step, bias, factors + block * CVK_BLOCK, CVK_BLOCK, scores + block * CVK_BLOCK);
  }
}

#if HAVE_X86
// Bytes of even and odd rows are summed in the two halves of sixteen-bit lanes: `both` takes whole lanes, `odd` the
// upper bytes, and what `odd` makes too much of `both` is taken off at the end.

__attribute__((target("avx2"))) static void sign_scan_avx2(const uint8_t *tables, float step, float bias,
                                                           const uint8_t *codes, const float *factors, size_t blocks,
                                                           size_t dimensions, float *scores) {
  const size_t width = dimensions / 8;
  const __m256i nibble = _mm256_set1_epi8(15);
  const __m256 steps = _mm256_set1_ps(step), biases = _mm256_set1_ps(bias);
  for (size_t half = 0; half < 2 * blocks; half++) {
    const uint8_t *code = codes + half / 2 * CVK_BLOCK * width + half % 2 * 32;
    __m256i both = _mm256_setzero_si256(), odd = _mm256_setzero_si256();
    for (size_t j = 0; j < width; j++) {
      __m256i bits = _mm256_loadu_si256((const __m256i *)(code + j * CVK_BLOCK));
      __m256i low = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(tables + 32 * j)));
      __m256i high = _mm256_broadcastsi128_si256(_mm_loadu_si128((const __m128i *)(tables + 32 * j + 16)));
      __m256i a = _mm256_shuffle_epi8(low, _mm256_and_si256(bits, nibble));
      __m256i b = _mm256_shuffle_epi8(high, _mm256_and_si256(_mm256_srli_epi16(bits, 4), nibble));
      __m256i sum = _mm256_add_epi8(a, b);
      both = _mm256_add_epi16(both, sum);
      odd = _mm256_add_epi16(odd, _mm256_srli_epi16(sum, 8));
    }
    __m256i even = _mm256_sub_epi16(both, _mm256_slli_epi16(odd, 8));
    // Each 128-bit half: rows 0...7 and 8...15 of its sixteen.
    __m256i first = _mm256_unpacklo_epi16(even, odd), second = _mm256_unpackhi_epi16(even, odd);
    const float *factor = factors + half * 32;
    float *score = scores + half * 32;
    __m128i eights[4] = {_mm256_castsi256_si128(first), _mm256_castsi256_si128(second),
                         _mm256_extracti128_si256(first, 1), _mm256_extracti128_si256(second, 1)};
    for (size_t k = 0; k < 4; k++) {
      __m256 sums = _mm256_cvtepi32_ps(_mm256_cvtepu16_epi32(eights[k]));
      __m256 products = _mm256_add_ps(_mm256_mul_ps(steps, sums), biases);
      _mm256_storeu_ps(score + 8 * k, _mm256_mul_ps(_mm256_loadu_ps(factor + 8 * k), products));
    }
  }
}

__attribute__((target("avx512f,avx512bw"))) static void sign_scan_avx512(const uint8_t *tables, float step, float bias,
                                                                         const uint8_t *codes, const float *factors,
                                                                         size_t blocks, size_t dimensions,
                                                                         float *scores) {
  const size_t width = dimensions / 8;
  const __m512i nibble = _mm512_set1_epi8(15);
  const __m512 steps = _mm512_set1_ps(step), biases = _mm512_set1_ps(bias);
  for (size_t block = 0; block < blocks; block++) {
    const uint8_t *code = codes + block * CVK_BLOCK * width;
    __m512i both = _mm512_setzero_si512(), odd = _mm512_setzero_si512();
    for (size_t j = 0; j < width; j++) {
      __m512i bits = _mm512_loadu_si512((const void *)(code + j * CVK_BLOCK));
      __m512i low = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(tables + 32 * j)));
      __m512i high = _mm512_broadcast_i32x4(_mm_loadu_si128((const __m128i *)(tables + 32 * j + 16)));
      __m512i a = _mm512_shuffle_epi8(low, _mm512_and_si512(bits, nibble));
      __m512i b = _mm512_shuffle_epi8(high, _mm512_and_si512(_mm512_srli_epi16(bits, 4), nibble));
      __m512i sum = _mm512_add_epi8(a, b);
      both = _mm512_add_epi16(both, sum);
      odd = _mm512_add_epi16(odd, _mm512_srli_epi16(sum, 8));
    }
    __m512i even = _mm512_sub_epi16(both, _mm512_slli_epi16(odd, 8));
    // Each quarter: rows 0...7 and 8...15 of its sixteen. Two quarters of each make thirty-two rows in order.
    __m512i first = _mm512_unpacklo_epi16(even, odd), second = _mm512_unpackhi_epi16(even, odd);
    const __m512i lower = _mm512_set_epi64(11, 10, 3, 2, 9, 8, 1, 0);
    const __m512i upper = _mm512_set_epi64(15, 14, 7, 6, 13, 12, 5, 4);
    __m512i halves[2] = {_mm512_permutex2var_epi64(first, lower, second),
                         _mm512_permutex2var_epi64(first, upper, second)};
    const float *factor = factors + block * CVK_BLOCK;
    float *score = scores + block * CVK_BLOCK;
    for (size_t k = 0; k < 4; k++) {
      __m256i sixteen = k % 2 ? _mm512_extracti64x4_epi64(halves[k / 2], 1) : _mm512_castsi512_si256(halves[k / 2]);
      __m512 sums = _mm512_cvtepi32_ps(_mm512_cvtepu16_epi32(sixteen));
      __m512 products = _mm512_add_ps(_mm512_mul_ps(steps, sums), biases);
      _mm512_storeu_ps(score + 16 * k, _mm512_mul_ps(_mm512_loadu_ps(factor + 16 * k), products));
    }
  }
}
#endif

#if HAVE_NEON
static void sign_scan_neon(const uint8_t *tables, float step, float bias, const uint8_t *codes, const float *factors,
                           size_t blocks, size_t dimensions, float *scores) {
  const size_t width = dimensions / 8;
  const uint8x16_t nibble = vdupq_n_u8(15);
  for (size_t quarter = 0; quarter < 4 * blocks; quarter++) {
    const uint8_t *code = codes + quarter / 4 * CVK_BLOCK * width + quarter % 4 * 16;
    uint16x8_t first = vdupq_n_u16(0), second = vdupq_n_u16(0);
    for (size_t j = 0; j < width; j++) {
      uint8x16_t bits = vld1q_u8(code + j * CVK_BLOCK);
      uint8x16_t a = vqtbl1q_u8(vld1q_u8(tables + 32 * j), vandq_u8(bits, nibble));
      uint8x16_t b = vqtbl1q_u8(vld1q_u8(tables + 32 * j + 16), vshrq_n_u8(bits, 4));
      uint8x16_t sum = vaddq_u8(a, b);
      first = vaddw_u8(first, vget_low_u8(sum));
      second = vaddw_u8(second, vget_high_u8(sum));
    }
    uint16_t sums[16];
    vst1q_u16(sums, first);
    vst1q_u16(sums + 8, second);
    finish_portable(sums, step, bias, factors + quarter * 16, 16, scores + quarter * 16);
  }
}
#endif

void cvk_sign_scan_variant(cvk_variant variant, const uint8_t *tables, float step, float bias, const uint8_t *codes,
                           const float *factors, size_t blocks, size_t dimensions, float *scores) {
  switch (variant) {
#if HAVE_X86
  case CVK_AVX2:
    sign_scan_avx2(tables, step, bias, codes, factors, blocks, dimensions, scores);
    return;
  case CVK_AVX512:
    sign_scan_avx512(tables, step, bias, codes, factors, blocks, dimensions, scores);
    return;
#endif
#if HAVE_NEON
  case CVK_NEON:
    sign_scan_neon(tables, step, bias, codes, factors, blocks, dimensions, scores);
    return;
#endif
  default:
    sign_scan_portable(tables, step, bias, codes, factors, blocks, dimensions, scores);
  }
}

void cvk_sign_scan(const uint8_t *tables, float step, float bias, const uint8_t *codes, const float *factors,
                   size_t blocks, size_t dimensions, float *scores) {
  cvk_sign_scan_variant(cvk_best(), tables, step, bias, codes, factors, blocks, dimensions, scores);
}
