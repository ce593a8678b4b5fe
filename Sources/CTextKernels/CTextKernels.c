#include "CTextKernels.h"
#include <string.h>

#if defined(__x86_64__)
#include <emmintrin.h>
#define HAVE_SSE2 1
#elif defined(__aarch64__)
#include <arm_neon.h>
#define HAVE_NEON 1
#endif

// MARK: Portable

static int is_word(uint8_t byte) {
  return (uint8_t)((byte | 0x20) - 'a') < 26 || (uint8_t)(byte - '0') < 10 || byte == '_' || byte >= 0x80;
}

void ctk_word_mask_portable(const uint8_t *bytes, size_t count, uint64_t *mask) {
  for (size_t start = 0; start < count; start += 64) {
    uint64_t bits = 0;
    for (size_t i = start; i < count && i < start + 64; i++) bits |= (uint64_t)is_word(bytes[i]) << (i - start);
    mask[start / 64] = bits;
  }
}

void ctk_line_masks_portable(const uint8_t *bytes, size_t count, ctk_lines *masks) {
  for (size_t start = 0; start < count; start += 64) {
    ctk_lines lines = {0, 0, 0};
    for (size_t i = start; i < count && i < start + 64; i++) {
      uint8_t byte = bytes[i];
      uint64_t bit = (uint64_t)1 << (i - start);
      if (byte == '\n' || byte == '\r') lines.endings |= bit;
      if (byte == ' ' || byte == '\t' || byte == '\v' || byte == '\f') lines.blanks |= bit;
      if ((byte & 0xC0) == 0x80) lines.continuations |= bit;
    }
    masks[start / 64] = lines;
  }
}

// MARK: Vectors of sixteen bytes

#if HAVE_SSE2
typedef __m128i vector;

static inline vector load(const uint8_t *bytes) { return _mm_loadu_si128((const __m128i *)bytes); }
static inline vector all(uint8_t byte) { return _mm_set1_epi8((char)byte); }
static inline vector either(vector a, vector b) { return _mm_or_si128(a, b); }
static inline vector equal(vector a, uint8_t byte) { return _mm_cmpeq_epi8(a, all(byte)); }
/// first <= byte <= last
static inline vector within(vector a, uint8_t first, uint8_t last) {
  vector offset = _mm_sub_epi8(a, all(first));
  return _mm_cmpeq_epi8(_mm_min_epu8(offset, all((uint8_t)(last - first))), offset);
}
static inline uint64_t bits(vector a, vector b, vector c, vector d) {
  return (uint64_t)(uint32_t)_mm_movemask_epi8(a) | (uint64_t)(uint32_t)_mm_movemask_epi8(b) << 16 |
         (uint64_t)(uint32_t)_mm_movemask_epi8(c) << 32 | (uint64_t)(uint32_t)_mm_movemask_epi8(d) << 48;
}
#elif HAVE_NEON
typedef uint8x16_t vector;

static inline vector load(const uint8_t *bytes) { return vld1q_u8(bytes); }
static inline vector all(uint8_t byte) { return vdupq_n_u8(byte); }
static inline vector either(vector a, vector b) { return vorrq_u8(a, b); }
static inline vector equal(vector a, uint8_t byte) { return vceqq_u8(a, all(byte)); }
/// first <= byte <= last
static inline vector within(vector a, uint8_t first, uint8_t last) {
  return vcleq_u8(vsubq_u8(a, all(first)), all((uint8_t)(last - first)));
}
static inline uint64_t bits(vector a, vector b, vector c, vector d) {
  const vector weights = {1, 2, 4, 8, 16, 32, 64, 128, 1, 2, 4, 8, 16, 32, 64, 128};
  vector ab = vpaddq_u8(vandq_u8(a, weights), vandq_u8(b, weights));
  vector cd = vpaddq_u8(vandq_u8(c, weights), vandq_u8(d, weights));
  vector sums = vpaddq_u8(ab, cd);
  return vgetq_lane_u64(vreinterpretq_u64_u8(vpaddq_u8(sums, sums)), 0);
}
#endif

#if HAVE_SSE2 || HAVE_NEON
static inline vector word_bytes(const uint8_t *bytes) {
  vector a = load(bytes);
  vector letters = within(either(a, all(0x20)), 'a', 'z');
  vector digits = within(a, '0', '9');
  return either(either(letters, digits), either(equal(a, '_'), within(a, 0x80, 0xFF)));
}

static inline uint64_t word_bits(const uint8_t *bytes) {
  return bits(word_bytes(bytes), word_bytes(bytes + 16), word_bytes(bytes + 32), word_bytes(bytes + 48));
}

static inline vector ending_bytes(vector a) { return either(equal(a, '\n'), equal(a, '\r')); }
static inline vector blank_bytes(vector a) {
  return either(either(equal(a, ' '), equal(a, '\t')), either(equal(a, '\v'), equal(a, '\f')));
}
static inline vector continuation_bytes(vector a) { return within(a, 0x80, 0xBF); }

static inline ctk_lines line_bits(const uint8_t *bytes) {
  vector a = load(bytes), b = load(bytes + 16), c = load(bytes + 32), d = load(bytes + 48);
  ctk_lines lines;
  lines.endings = bits(ending_bytes(a), ending_bytes(b), ending_bytes(c), ending_bytes(d));
  lines.blanks = bits(blank_bytes(a), blank_bytes(b), blank_bytes(c), blank_bytes(d));
  lines.continuations =
      bits(continuation_bytes(a), continuation_bytes(b), continuation_bytes(c), continuation_bytes(d));
  return lines;
}
#endif

// MARK: Whole texts

void ctk_word_mask(const uint8_t *bytes, size_t count, uint64_t *mask) {
#if HAVE_SSE2 || HAVE_NEON
  size_t start = 0;
  for (; start + 64 <= count; start += 64) mask[start / 64] = word_bits(bytes + start);
  if (start < count) {
    // NUL belongs to no word, so the padding leaves no bits.
    uint8_t rest[64] = {0};
    memcpy(rest, bytes + start, count - start);
    mask[start / 64] = word_bits(rest);
  }
#else
  ctk_word_mask_portable(bytes, count, mask);
#endif
}

void ctk_line_masks(const uint8_t *bytes, size_t count, ctk_lines *masks) {
#if HAVE_SSE2 || HAVE_NEON
  size_t start = 0;
  for (; start + 64 <= count; start += 64) masks[start / 64] = line_bits(bytes + start);
  if (start < count) {
    uint8_t rest[64] = {0};
    memcpy(rest, bytes + start, count - start);
    masks[start / 64] = line_bits(rest);
  }
#else
  ctk_line_masks_portable(bytes, count, masks);
#endif
}
