#include "CVectorKernels.h"
#include "Variants.h"
#include <string.h>

// MARK: Selection

static size_t select_portable(const int32_t *values, size_t start, size_t count, int32_t threshold,
                              uint32_t *positions) {
  size_t found = 0;
  for (size_t i = start; i < count; i++) {
    positions[found] = (uint32_t)i;
    found += values[i] > threshold;
  }
  return found;
}

#if HAVE_X86
__attribute__((target("avx2"))) static size_t select_avx2(const int32_t *values, size_t count, int32_t threshold,
                                                          uint32_t *positions) {
  const __m256i limit = _mm256_set1_epi32(threshold);
  size_t found = 0, i = 0;
  for (; i + 8 <= count; i += 8) {
    __m256i above = _mm256_cmpgt_epi32(_mm256_loadu_si256((const __m256i *)(values + i)), limit);
    unsigned mask = (unsigned)_mm256_movemask_ps(_mm256_castsi256_ps(above));
    for (; mask; mask &= mask - 1) positions[found++] = (uint32_t)(i + (size_t)__builtin_ctz(mask));
  }
  return found + select_portable(values, i, count, threshold, positions + found);
}

__attribute__((target("avx512f"))) static size_t select_avx512(const int32_t *values, size_t count, int32_t threshold,
                                                               uint32_t *positions) {
  const __m512i limit = _mm512_set1_epi32(threshold);
  const __m512i ramp = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  size_t found = 0, i = 0;
  for (; i + 16 <= count; i += 16) {
    __mmask16 mask = _mm512_cmpgt_epi32_mask(_mm512_loadu_si512((const void *)(values + i)), limit);
    if (!mask) continue;
    // In a register first: a masked store to memory costs a hundred times as much on some processors.
    __m512i chosen = _mm512_maskz_compress_epi32(mask, _mm512_add_epi32(ramp, _mm512_set1_epi32((int)i)));
    unsigned chosen_count = (unsigned)__builtin_popcount(mask);
    _mm512_mask_storeu_epi32(positions + found, (__mmask16)((1u << chosen_count) - 1), chosen);
    found += chosen_count;
  }
  return found + select_portable(values, i, count, threshold, positions + found);
}
#endif

#if HAVE_NEON
static size_t select_neon(const int32_t *values, size_t count, int32_t threshold, uint32_t *positions) {
  const int32x4_t limit = vdupq_n_s32(threshold);
  size_t found = 0, i = 0;
  for (; i + 8 <= count; i += 8) {
    uint32x4_t above = vorrq_u32(vcgtq_s32(vld1q_s32(values + i), limit), vcgtq_s32(vld1q_s32(values + i + 4), limit));
    if (vmaxvq_u32(above)) found += select_portable(values, i, i + 8, threshold, positions + found);
  }
  return found + select_portable(values, i, count, threshold, positions + found);
}
#endif

size_t cvk_select_above_variant(cvk_variant variant, const int32_t *values, size_t count, int32_t threshold,
                                uint32_t *positions) {
  switch (variant) {
#if HAVE_X86
  case CVK_AVX2:
    return select_avx2(values, count, threshold, positions);
  case CVK_AVX512:
    return select_avx512(values, count, threshold, positions);
#endif
#if HAVE_NEON
  case CVK_NEON:
    return select_neon(values, count, threshold, positions);
#endif
  default:
    return select_portable(values, 0, count, threshold, positions);
  }
}

size_t cvk_select_above(const int32_t *values, size_t count, int32_t threshold, uint32_t *positions) {
  return cvk_select_above_variant(cvk_best(), values, count, threshold, positions);
}

// MARK: Postings

void cvk_add_postings(const uint32_t *documents, const uint16_t *impacts, size_t count, uint32_t weight,
                      uint32_t *sums) {
  size_t i = 0;
  for (; i + 4 <= count; i += 4) {
    // Documents are distinct, so the four do not wait for one another.
    uint32_t a = documents[i], b = documents[i + 1], c = documents[i + 2], d = documents[i + 3];
    uint32_t va = sums[a] + weight * impacts[i], vb = sums[b] + weight * impacts[i + 1];
    uint32_t vc = sums[c] + weight * impacts[i + 2], vd = sums[d] + weight * impacts[i + 3];
    sums[a] = va;
    sums[b] = vb;
    sums[c] = vc;
    sums[d] = vd;
  }
  for (; i < count; i++) sums[documents[i]] += weight * impacts[i];
}

void cvk_look_up_postings(const uint32_t *documents, const uint16_t *impacts, size_t count, uint32_t weight,
                          const uint32_t *positions, size_t wanted, uint32_t *sums) {
  size_t low = 0;
  for (size_t i = 0; i < wanted && low < count; i++) {
    const uint32_t position = positions[i];
    // Steps that double from the last place on, then halves.
    size_t step = 1, high = low;
    while (high < count && documents[high] < position) {
      low = high + 1;
      high += step;
      step *= 2;
    }
    if (high > count) high = count;
    while (low < high) {
      size_t middle = low + (high - low) / 2;
      if (documents[middle] < position) low = middle + 1;
      else high = middle;
    }
    if (low < count && documents[low] == position) sums[position] += weight * impacts[low++];
  }
}

size_t cvk_collect_above(const uint32_t *documents, size_t count, const uint32_t *sums, uint32_t threshold,
                         uint32_t *positions) {
  size_t found = 0;
  for (size_t i = 0; i < count; i++) {
    positions[found] = documents[i];
    found += sums[documents[i]] > threshold;
  }
  return found;
}

void cvk_clear_postings(const uint32_t *documents, size_t count, uint32_t *sums) {
  for (size_t i = 0; i < count; i++) sums[documents[i]] = 0;
}

// MARK: Order

size_t cvk_order_positions(uint32_t *positions, size_t count, uint64_t *bits, size_t size) {
  for (size_t i = 0; i < count; i++) bits[positions[i] >> 6] |= (uint64_t)1 << (positions[i] & 63);
  size_t found = 0;
  for (size_t word = 0; word < (size + 63) / 64; word++) {
    uint64_t rest = bits[word];
    if (!rest) continue;
    bits[word] = 0;
    for (; rest; rest &= rest - 1) positions[found++] = (uint32_t)(64 * word + (size_t)__builtin_ctzll(rest));
  }
  return found;
}

void cvk_sort_upper(uint64_t *entries, uint64_t *spare, size_t count) {
  enum { width = 11, digits = 1 << width };
  uint64_t all = 0;
  for (size_t i = 0; i < count; i++) all |= entries[i];
  uint64_t *from = entries, *to = spare;
  // Least digit first; digits that all have in common as zeros are left out.
  for (unsigned shift = 32; shift < 64 && all >> shift; shift += width) {
    uint32_t places[digits] = {0};
    for (size_t i = 0; i < count; i++) places[from[i] >> shift & (digits - 1)]++;
    uint32_t next = 0;
    for (size_t d = 0; d < digits; d++) {
      uint32_t here = places[d];
      places[d] = next;
      next += here;
    }
    for (size_t i = 0; i < count; i++) to[places[from[i] >> shift & (digits - 1)]++] = from[i];
    uint64_t *swap = from;
    from = to;
    to = swap;
  }
  if (from != entries) memcpy(entries, from, count * sizeof(uint64_t));
}
