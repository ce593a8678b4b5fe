#pragma once
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

// Byte-pair encodings as tiktoken defines them, on the packed vocabularies that `scripts/pack-vocabularies.py` writes.
//
// All functions take text that is valid UTF-8 (`cbp_is_utf8`): they read characters as their first bytes announce them.

/// One encoding: views into the packed file, which is used as it lies.
typedef struct {
  const uint64_t *_Nonnull slots;
  const uint16_t *_Nonnull pilots;
  const uint32_t *_Nonnull bytes;
  const uint8_t *_Nonnull class_index;
  const uint8_t *_Nonnull class_blocks;
  uint32_t slot_count;
  uint32_t pilot_count;
  /// How many tokens there are; their numbers are 0 and up.
  uint32_t tokens;
  /// Whether text is taken apart as for o200k_base, otherwise as for cl100k_base.
  bool is_o200k;
} cbp_encoding;

/// Finds encoding `number` (0: o200k_base, 1: cl100k_base) in the packed file, which stays where it is for as long as
/// the encoding is used. Returns whether the file is one, and whole.
bool cbp_open(const uint8_t *_Nonnull data, size_t size, uint32_t number, cbp_encoding *_Nonnull encoding);

/// Whether bytes are valid UTF-8.
bool cbp_is_utf8(const uint8_t *_Nonnull text, size_t size);

/// The class of a character, below 0x110000: one bit of 1 (upper and title case), 2 (lower case), 4 (other letters),
/// 8 (marks), 16 (numbers), 32 (white space in a line), 64 (ends of lines), 128 (all else).
uint8_t cbp_class(const cbp_encoding *_Nonnull encoding, uint32_t character);

/// The token that two neighbours become, or UINT32_MAX.
uint32_t cbp_merged(const cbp_encoding *_Nonnull encoding, uint32_t left, uint32_t right);

/// Where the piece that starts at `start` ends. Tokens do not cross the ends of pieces. `start` is below `size` and a
/// start of a piece.
size_t cbp_piece_end(
    const cbp_encoding *_Nonnull encoding, const uint8_t *_Nonnull text, size_t size, size_t start);

/// Memory for counting: what pieces were counted before, and room for long ones. It serves one encoding and one thread
/// at a time.
typedef struct cbp_workspace cbp_workspace;
cbp_workspace *_Nonnull cbp_workspace_create(void);
void cbp_workspace_destroy(cbp_workspace *_Nonnull workspace);

/// How many tokens a text has.
size_t cbp_count(
    const cbp_encoding *_Nonnull encoding, cbp_workspace *_Nonnull workspace, const uint8_t *_Nonnull text,
    size_t size);

/// How many tokens the first pieces have together, as many as have at most `limit`. `*size_taken` is where the piece
/// begins that would be too many, or `size`.
size_t cbp_count_limited(
    const cbp_encoding *_Nonnull encoding, cbp_workspace *_Nonnull workspace, const uint8_t *_Nonnull text,
    size_t size, size_t limit, size_t *_Nonnull size_taken);

/// Writes the tokens of a text, as many as `cbp_count` says, and returns how many there are.
size_t cbp_encode(
    const cbp_encoding *_Nonnull encoding, cbp_workspace *_Nonnull workspace, const uint8_t *_Nonnull text,
    size_t size, int32_t *_Nonnull tokens);

/// How many tokens a single piece has, or a part of one.
size_t cbp_count_piece(
    const cbp_encoding *_Nonnull encoding, cbp_workspace *_Nonnull workspace, const uint8_t *_Nonnull piece,
    size_t size);
