#pragma once
#include <stddef.h>
#include <stdint.h>

// Kernels over text: they say of each byte what it is, sixty-four bytes in a word of bits. The baseline instructions of
// x86-64 and AArch64 do, so nothing is chosen at run time.

/// Bit i % 64 of mask[i / 64] is whether byte i belongs to a word: an ASCII letter or digit, `_`, or 128 and above.
/// Writes (count + 63) / 64 words; the bits after the last byte are 0.
void ctk_word_mask(const uint8_t *_Nonnull bytes, size_t count, uint64_t *_Nonnull mask);

/// The same without vector instructions, for tests.
void ctk_word_mask_portable(const uint8_t *_Nonnull bytes, size_t count, uint64_t *_Nonnull mask);

/// What the lines of sixty-four bytes are made of, bit by bit.
typedef struct {
  /// `\n` and `\r`.
  uint64_t endings;
  /// Blanks inside a line: space, tab, vertical tab, form feed.
  uint64_t blanks;
  /// Bytes 128–191, which go on with a character.
  uint64_t continuations;
} ctk_lines;

/// Writes (count + 63) / 64 elements; the bits after the last byte are 0.
void ctk_line_masks(const uint8_t *_Nonnull bytes, size_t count, ctk_lines *_Nonnull masks);

/// The same without vector instructions, for tests.
void ctk_line_masks_portable(const uint8_t *_Nonnull bytes, size_t count, ctk_lines *_Nonnull masks);

/// Fetches memory that is read soon. The address need not be valid.
static inline void ctk_prefetch(const void *_Nullable address) { __builtin_prefetch(address); }
